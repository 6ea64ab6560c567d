package views

import "guiche/store"

// AdminCancelModel is the page that explains what cancelling an event does.
type AdminCancelModel struct {
	Event    store.Event
	Forecast store.CancelForecast
	InLine   int  // orders still waiting for their turn
	Form     Form // field name
}
