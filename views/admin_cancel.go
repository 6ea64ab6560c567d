package views

import "guiche/store"

// AdminCancelModel is the page that says what cancelling an event does.
type AdminCancelModel struct {
	Event    store.Event
	Forecast store.CancelForecast
	InLine   int  // orders whose turn has not come
	Form     Form // field name
}
