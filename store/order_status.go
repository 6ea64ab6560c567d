package store

// OrderStatus is the state of an order.
type OrderStatus string

// The states of an order.
const (
	Queued         OrderStatus = "queued"
	Waiting        OrderStatus = "waiting" // on the return list
	Reserved       OrderStatus = "reserved"
	Paid           OrderStatus = "paid"
	Refunded       OrderStatus = "refunded"
	SoldOut        OrderStatus = "sold_out"
	OverLimit      OrderStatus = "over_limit"
	Left           OrderStatus = "left"
	Expired        OrderStatus = "expired"
	OrderCancelled OrderStatus = "cancelled"
)

// orderState is what is true of every order in a state.
type orderState struct {
	status OrderStatus
	open   bool          // it keeps its account's place for the event, of which there is one
	gives  bool          // its tickets count towards the limit per person
	final  bool          // it has been decided, and has its number in the order of deciding
	next   []OrderStatus // that it may come to; an order's first row is written as if it had been queued
}

// orderStates are all of them, in the order in which people read them: open ones, those with tickets, those without.
var orderStates = []orderState{
	{status: Queued, open: true, next: []OrderStatus{Waiting, Reserved, Paid, SoldOut, OverLimit, Left, OrderCancelled}},
	{status: Waiting, open: true, next: []OrderStatus{Reserved, Paid, SoldOut, Left, OrderCancelled}},
	{status: Reserved, open: true, gives: true, final: true, next: []OrderStatus{Paid, Left, Expired, OrderCancelled}},
	{status: Paid, gives: true, final: true, next: []OrderStatus{Refunded}},
	{status: Refunded, final: true},
	{status: SoldOut, final: true},
	{status: OverLimit, final: true},
	{status: Left, final: true},
	{status: Expired, final: true, next: []OrderStatus{Paid, Waiting}}, // late money: its tickets were still free, or it waits again
	{status: OrderCancelled, final: true},
}

// OrderStatuses are all states, in the order in which they are shown.
func OrderStatuses() []OrderStatus {
	all := make([]OrderStatus, len(orderStates))
	for i, s := range orderStates {
		all[i] = s.status
	}
	return all
}

// state is what is true of a state; of an unknown one, nothing.
func (s OrderStatus) state() *orderState {
	for i := range orderStates {
		if orderStates[i].status == s {
			return &orderStates[i]
		}
	}
	return &orderState{}
}

// Open says that the order still holds its account's place for the event.
func (s OrderStatus) Open() bool { return s.state().open }

// The same in SQL, where rows are looked for. Postgres uses the index of open orders only for a condition that implies
// the index's own, which is in these words.
const (
	orderIsOpen = `status in ('queued', 'waiting', 'reserved')`
	orderGives  = `status in ('reserved', 'paid')`
)
