package store

// OrderStatuses are all states of an order, in the order of an order's life: the one list that pages and filters show.
func OrderStatuses() []OrderStatus {
	return []OrderStatus{Queued, Waiting, Reserved, Paid, Refunded, SoldOut, OverLimit, Left, Expired, OrderCancelled}
}
