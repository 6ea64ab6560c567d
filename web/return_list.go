package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"guiche/jobs/line"
)

// returnListFresh is how long the return list in memory answers; it can be long, and changes a batch at a time.
const returnListFresh = time.Second

// returnList is the orders that wait for tickets of one event to come back, by number.
type returnList struct {
	standing []line.Standing
	ahead    []int // for each, the tickets of its type that those before it want
	at       time.Time
}

func newReturnList(standing []line.Standing, at time.Time) returnList {
	r := returnList{standing: standing, ahead: make([]int, len(standing)), at: at}
	wanted := map[int64]int{}
	for i, one := range standing {
		r.ahead[i] = wanted[one.TicketTypeID]
		wanted[one.TicketTypeID] += one.Quantity
	}
	return r
}

// place is where the order of that number stands on the list, and how many tickets of its type those before it want;
// 0 if it is not on the list.
func (r returnList) place(number int64) (place, ahead int) {
	at, found := slices.BinarySearchFunc(r.standing, number, func(one line.Standing, number int64) int {
		return int(one.Number - number)
	})
	if !found {
		return 0, 0
	}
	return at + 1, r.ahead[at]
}

// returnList is what is known of an event's return list, from memory if it is fresh.
func (l *live) returnList(ctx context.Context, eventID int64) (returnList, error) {
	l.mu.Lock()
	known := l.watch(eventID).returns
	l.mu.Unlock()
	if time.Since(known.at) < returnListFresh {
		return known, nil
	}
	fresh, err, _ := l.flight.Do(fmt.Sprintf("returns:%d", eventID), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), liveTime)
		defer cancel()
		at := time.Now()
		standing, err := l.line.ReturnList(ctx, eventID)
		if err != nil {
			return returnList{}, err
		}
		fresh := newReturnList(standing, at)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.watch(eventID).returns = fresh
		return fresh, nil
	})
	if err != nil {
		return returnList{}, err
	}
	return fresh.(returnList), nil
}
