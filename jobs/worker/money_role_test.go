package worker

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// errCut says that a call was cut off: it was not done, or done and its answer got lost.
var errCut = errors.New("cut off")

// mishap is what may befall one call of a step.
type mishap string

const (
	calm       mishap = ""
	dieBefore  mishap = "the process dies before"
	dieAfter   mishap = "the process dies after"
	failBefore mishap = "nothing is done by"
	failAfter  mishap = "the answer is lost of"
	meanwhile  mishap = "something else happens before"
)

// plan is the mishap of a step and the call that it befalls, counted from 0.
type plan struct {
	mishap mishap
	at     int
	then   func() // what happens meanwhile

	calls  int
	struck bool
}

// role is a process of the shop whose every call to Postgres, Redis and the payment API passes by here, one at a time.
// Once it is dead nothing leaves it any more, as after a kill -9.
type role struct {
	name string
	dead bool
	busy atomic.Int32 // transactions that are open
	plan *plan
}

// during runs a step of the role with a plan. One may run while another waits in its own call.
func (r *role) during(p *plan, step func()) {
	if r.dead {
		return
	}
	outer := r.plan
	r.plan = p
	defer func() { r.plan = outer }()
	step()
}

// fate of a call.
type fate struct {
	refused bool // not done
	lost    bool // done, without an answer
}

// call is asked before each call. What happens meanwhile never happens inside a transaction, whose locks it could want.
func (r *role) call() fate {
	p := r.plan
	switch {
	case r.dead:
		return fate{refused: true}
	case p == nil:
		return fate{}
	}
	now := !p.struck && p.calls >= p.at && (p.mishap != meanwhile || r.busy.Load() == 0)
	p.calls++
	if !now {
		return fate{}
	}
	p.struck = true
	switch p.mishap {
	case dieBefore:
		r.dead = true
		return fate{refused: true}
	case dieAfter:
		r.dead = true
		return fate{lost: true}
	case failBefore:
		return fate{refused: true}
	case failAfter:
		return fate{lost: true}
	case meanwhile:
		p.then()
		return fate{refused: r.dead} // a part of this very process may have died
	}
	return fate{}
}

// make does a call and has it meet its fate.
func (r *role) make(call func() error) error {
	f := r.call()
	if f.refused {
		return errCut
	}
	err := call()
	if f.lost {
		return errCut
	}
	return err
}

// DialHook, ProcessHook and ProcessPipelineHook make a role one of Redis' hooks.
func (r *role) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (r *role) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := r.make(func() error { return next(ctx, cmd) })
		if errors.Is(err, errCut) {
			cmd.SetErr(err)
		}
		return err
	}
}

func (r *role) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := r.make(func() error { return next(ctx, cmds) })
		if errors.Is(err, errCut) {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return err
	}
}
