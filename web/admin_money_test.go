package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// hiddenID is the id that the form of a page would make a refund with.
func (a answer) hiddenID() string {
	a.t.Helper()
	_, rest, found := strings.Cut(a.body, `name="refund_id" value="`)
	if !found {
		a.t.Fatalf("%s: has no form to refund", a.what)
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func TestAnAdminGivesBackWhatThePolicyWouldNot(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(func(e *store.Event) { e.RefundDays = 0 })
	fan, admin := w.fan(), w.signedIn(w.admin)
	o := fan.buy(e, 3)
	path := "/admin/orders/" + o.ID.String()
	admin.get("/admin/events/" + itoa(e.ID) + "/orders").says(`href="` + path + `"`)
	page := admin.get(path).want(http.StatusOK).says(fan.account.Email).says("R$\u00a033,00").says(said(views.Message{Key: "ledger.captured"}))
	used, first := o.Tickets[2].ID, o.Tickets[0].ID
	if _, err := w.Raw.Exec(`update tickets set status = 'used' where id = $1`, used); err != nil {
		t.Fatal(err)
	}
	form := func(change url.Values) url.Values {
		all := url.Values{"refund_id": {page.hiddenID()}, "note": {"A banda <não> veio"}}
		for k, v := range change {
			all[k] = v
		}
		return all
	}
	for name, try := range map[string]struct {
		form url.Values
		want views.Message
	}{
		"no reason":        {url.Values{"note": {" "}, "amount": {"1"}}, views.Missing},
		"a long reason":    {url.Values{"note": {strings.Repeat("ã", 501)}, "amount": {"1"}}, views.TooLong},
		"nothing":          {nil, views.RefundChoose},
		"no money":         {url.Values{"amount": {"0"}}, views.RefundChoose},
		"words":            {url.Values{"amount": {"tudo"}}, views.MoneyBad},
		"less than none":   {url.Values{"amount": {"-1"}}, views.MoneyBad},
		"too much":         {url.Values{"amount": {"33,01"}}, views.RefundTooMuch(3300, "BRL")},
		"a used ticket":    {url.Values{"ticket": {itoa(used)}}, views.RefundUsed},
		"a foreign ticket": {url.Values{"ticket": {itoa(used + 1)}}, views.TicketNotYours},
		"an old form":      {url.Values{"refund_id": {"7"}, "amount": {"1"}}, views.OrderIDBad},
	} {
		t.Run(name, func(t *testing.T) {
			a := admin.post(path+"/refunds", form(try.form)).want(http.StatusUnprocessableEntity).says(said(try.want))
			if try.form.Get("note") == "" {
				a.says("A banda &lt;não&gt; veio")
			}
			if try.form.Get("ticket") == itoa(used) {
				a.says(`value="` + itoa(used) + `" checked`)
			}
		})
	}
	if n := w.count(`select count(*) from refunds`); n != 0 {
		t.Fatalf("%d refunds", n)
	}
	goodwill := form(url.Values{"amount": {"5,50"}})
	for range 3 { // clicked again
		admin.post(path+"/refunds", goodwill).leadsTo(path)
	}
	admin.get(path).says(said(views.RefundAsked(550, "BRL"))).says("A banda &lt;não&gt; veio").says(w.admin.Name)
	if sent := w.sentBack(o.ID); sent != 550 {
		t.Errorf("%d cents were sent back", sent)
	}
	if now := fan.order(o.ID); now.Status != store.Paid || now.Tickets[0].Status != store.TicketValid {
		t.Errorf("the order is %+v", now)
	}
	fan.get("/orders/" + o.ID.String()).silent("A banda")
	page = admin.get(path)
	admin.post(path+"/refunds", form(url.Values{"ticket": {itoa(used), itoa(first)}, "used": {"on"}})).leadsTo(path)
	w.free(e, 99)
	page = admin.get(path)
	admin.post(path+"/refunds", form(url.Values{"ticket": {itoa(o.Tickets[1].ID)}})).leadsTo(path)
	fan.await(o.ID, store.Refunded)
	if sent := w.sentBack(o.ID); sent != 3300 {
		t.Errorf("%d cents were sent back", sent)
	}
	admin.get(path).want(http.StatusOK).silent(`name="refund_id"`)
	admin.post(path+"/refunds", goodwill).leadsTo(path) // it made its refund long ago
	if n := w.count(`select count(*) from refunds`); n != 3 {
		t.Errorf("%d refunds", n)
	}
	if n := w.count(`select count(*) from admin_log where action = 'order.refund'`); n != 3 {
		t.Errorf("%d lines in the admin log", n)
	}
	w.audited()
}

// audited fails the test unless the books balance.
func (w *world) audited() {
	w.T.Helper()
	findings, err := w.DB.Audit(w.T.Context(), w.Line.Numbers)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range findings {
		w.T.Errorf("the audit finds %+v", f)
	}
}

func TestMoneyPagesDoNotExistForOthers(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 1)
	event, order := "/admin/events/"+itoa(e.ID), "/admin/orders/"+o.ID.String()
	for who, v := range map[string]*visitor{"the fan": fan, "staff": w.signedIn(w.account(store.Staff)), "nobody": w.visitor()} {
		for _, path := range []string{order, event + "/cancel", event + "/ledger", event + "/ledger.csv"} {
			if a := v.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s: GET %s is %d", who, path, a.status)
			}
		}
		form := url.Values{"name": {e.Name}, "refund_id": {uuid.NewString()}, "amount": {"1"}, "note": {"x"}}
		for _, path := range []string{order + "/refunds", event + "/cancel", "/admin/refunds/" + uuid.NewString() + "/retry"} {
			if a := v.post(path, form); a.status != http.StatusNotFound {
				t.Errorf("%s: POST %s is %d", who, path, a.status)
			}
		}
	}
	if n := w.count(`select count(*) from refunds`) + w.count(`select count(*) from events where status <> 'published'`); n != 0 {
		t.Error("somebody changed something")
	}
	admin := w.signedIn(w.admin)
	for _, path := range []string{
		"/admin/orders/" + uuid.NewString(), "/admin/orders/1", "/admin/events/99/ledger", "/admin/events/99/ledger.csv", "/admin/events/99/cancel", "/admin/events/x/ledger",
	} {
		admin.get(path).want(http.StatusNotFound)
	}
	admin.post("/admin/refunds/"+uuid.NewString()+"/retry", nil).want(http.StatusNotFound)
	admin.post("/admin/orders/"+uuid.NewString()+"/refunds", nil).want(http.StatusNotFound)
	admin.post(event+"/cancel", url.Values{"name": {e.Name}}, "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
}

func TestARefusedRefundIsShownAndTriedAgain(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, admin := w.fan(), w.signedIn(w.admin)
	o := fan.buy(e, 1)
	w.stopWorker()
	fan.post("/orders/"+o.ID.String()+"/refunds", allTickets).want(http.StatusSeeOther)
	id := w.order(o.ID).Refunds[0].ID
	admin.get("/admin").silent(said(views.Message{Key: "refunds.stuck"}))
	if err := w.DB.RefundRefusedByGateway(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	retry := "/admin/refunds/" + id.String() + "/retry"
	admin.get("/admin").want(http.StatusOK).says(said(views.Message{Key: "refunds.stuck"})).says(`action="` + retry + `"`)
	admin.get("/admin/orders/" + o.ID.String()).says(`action="` + retry + `"`)
	fan.get("/orders/" + o.ID.String()).says("R$\u00a011,00") // it is still owed
	admin.post(retry, nil).leadsTo("/admin/orders/" + o.ID.String())
	admin.get("/admin/orders/" + o.ID.String()).says(said(views.RefundRetried))
	w.startWorker()
	if sent := w.sentBack(o.ID); sent != 1100 {
		t.Errorf("%d cents were sent back", sent)
	}
	admin.post(retry, nil).leadsTo("/admin/orders/" + o.ID.String())
	admin.get("/admin/orders/" + o.ID.String()).says(said(views.NotPossible))
}

func TestCancellingAnEventUndoesEverything(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	draft := w.createDraft(nil)
	admin, buyer, holder, late := w.signedIn(w.admin), w.fan(), w.fan(), w.fan()
	paid := buyer.buy(e, 2)
	held := holder.reserve(e, 1)
	home := "/admin/events/" + itoa(e.ID)
	admin.get(home).says(`href="` + home + `/cancel"`)
	admin.get(home + "/cancel").want(http.StatusOK).says("R$\u00a022,00")
	for _, name := range []string{"", "baile da lua", "Baile da Lua 2"} {
		admin.post(home+"/cancel", url.Values{"name": {name}}).want(http.StatusUnprocessableEntity).says(said(views.EventNameBad)).says(`value="` + name + `"`)
	}
	admin.post("/admin/events/"+itoa(draft.ID)+"/cancel", url.Values{"name": {draft.Name}}).leadsTo("/admin/events/" + itoa(draft.ID))
	admin.get("/admin/events/" + itoa(draft.ID)).says(said(views.NotPossible))
	for range 2 { // clicked again
		admin.post(home+"/cancel", url.Values{"name": {" " + e.Name + " "}}).leadsTo(home)
	}
	late.post("/events/"+e.Slug+"/orders", orderForm(uuid.New(), e, 0, 1)).want(http.StatusConflict)
	w.visitor().get("/events/" + e.Slug).want(http.StatusOK).says(said(views.Message{Key: "event.cancelled"}))
	holder.await(held, store.OrderCancelled)
	buyer.await(paid.ID, store.Refunded)
	if sent := w.sentBack(paid.ID); sent != 2200 {
		t.Errorf("%d cents were sent back", sent)
	}
	buyer.get("/orders/" + paid.ID.String()).want(http.StatusOK).says(said(views.Message{Key: "order.shop_cancelled"}))
	buyer.get("/orders/" + paid.ID.String() + "/refunds").want(http.StatusOK).says(said(views.RefundNothing))
	ticket := "/tickets/" + itoa(paid.Tickets[0].ID)
	buyer.get(ticket).want(http.StatusOK).says(said(views.Message{Key: "ticket.event_cancelled"}))
	buyer.get(ticket + ".pdf").leadsTo(ticket)
	w.Eventually("nothing is left", func() bool {
		left, err := w.DB.UnfinishedCancels(t.Context(), 1)
		return err == nil && len(left) == 0
	})
	admin.get(home).says(fmt.Sprintf(`value="%d" max="%d"`, 2, 2)).says(`value="2200" max="2200"`)
	admin.get(home + "/cancel").leadsTo(home)
	w.free(e, 100)
	w.audited()
}

func TestATicketOfACancelledEventOpensNoGate(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 1)
	ticket := "/tickets/" + itoa(o.Tickets[0].ID)
	fan.get(ticket + ".pdf").want(http.StatusOK)
	w.stopWorker() // nothing is undone yet
	w.signedIn(w.admin).post("/admin/events/"+itoa(e.ID)+"/cancel", url.Values{"name": {e.Name}}).want(http.StatusSeeOther)
	if o := w.order(o.ID); o.Status != store.Paid || o.Tickets[0].Status != store.TicketValid {
		t.Fatalf("the order is %+v", o)
	}
	fan.get(ticket).want(http.StatusOK).silent("<svg class=\"qr").says(said(views.Message{Key: "ticket.event_cancelled"}))
	fan.get(ticket + ".pdf").leadsTo(ticket)
	path := "/orders/" + o.ID.String()
	fan.get(path).says(said(views.Message{Key: "order.shop_cancelled"})).silent(path + "/refunds")
	fan.get(path + "/refunds").want(http.StatusOK).says(said(views.RefundByShop))
	fan.post(path+"/refunds", nil).want(http.StatusUnprocessableEntity).says(said(views.RefundByShop))
	w.startWorker()
	fan.await(o.ID, store.Refunded)
}

func TestTheLedgerIsShownAndExported(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, admin := w.fan(), w.signedIn(w.admin)
	ledger := "/admin/events/" + itoa(e.ID) + "/ledger"
	admin.get(ledger).want(http.StatusOK).says(said(views.Message{Key: "ledger.empty"}))
	header := []string{"id", "at", "kind", "amount", "amount_cents", "currency", "gateway", "order", "order_number", "charge", "refund"}
	if rows := admin.get(ledger + ".csv").csv(); len(rows) != 1 || !slices.Equal(rows[0], header) {
		t.Errorf("an empty ledger is exported as %v", rows)
	}
	o := fan.buy(e, 3)
	fan.post("/orders/"+o.ID.String()+"/refunds", url.Values{"ticket": {itoa(o.Tickets[0].ID)}}).want(http.StatusSeeOther)
	w.sentBack(o.ID)
	admin.get(ledger).want(http.StatusOK).says("R$\u00a033,00").says("R$\u00a022,00").says(`href="/admin/orders/` + o.ID.String() + `"`).silent("rel=\"next\"")
	admin.get(ledger + "?page=2").want(http.StatusOK).says(`rel="prev"`)
	a := admin.get(ledger + ".csv")
	if got := a.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("the export is %s", got)
	}
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="guiche-`+e.Slug+`-ledger.csv"` {
		t.Errorf("the export is %s", got)
	}
	var moved []string
	for _, row := range a.csv()[1:] {
		moved = append(moved, strings.Join(row[2:9], " "))
		if row[9] != w.order(o.ID).Charge.ID.String() || (row[10] == "") != (row[2] == "captured" || row[2] == "fee") {
			t.Errorf("a row is %v", row)
		}
	}
	rest := " BRL sandbox " + o.ID.String() + " 1"
	want := []string{
		"captured 33.00 3300" + rest, "fee 3.00 300" + rest, "refund_owed 11.00 1100" + rest, "fee_returned 1.00 100" + rest, "refund_sent 11.00 1100" + rest,
	}
	if !slices.Equal(moved, want) {
		t.Errorf("moved\n%s\nwant\n%s", strings.Join(moved, "\n"), strings.Join(want, "\n"))
	}
	a.silent(fan.account.Email).silent(fan.account.Name)
}

// csv reads an export.
func (a answer) csv() [][]string {
	a.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(a.want(http.StatusOK).body)).ReadAll()
	if err != nil {
		a.t.Fatal(err)
	}
	return rows
}

func TestNoCellIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "sandbox": "sandbox", "2026-12-01T10:00:00Z": "2026-12-01T10:00:00Z", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx",
	} {
		if got := plainCell(text); got != want {
			t.Errorf("%q is written as %q", text, got)
		}
	}
}

func TestOutagesAreShownToAdmins(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(func(e *store.Event) { e.OutageMost = 1800 })
	admin := w.signedIn(w.admin)
	admin.get("/admin").silent(said(views.Message{Key: "outage.title"}))
	w.stopWorker() // it would end the outage
	if err := w.DB.BeginOutage(t.Context(), "sandbox"); err != nil {
		t.Fatal(err)
	}
	admin.get("/admin").says(said(views.Message{Key: "outage.now"}))
	if err := w.DB.EndOutage(t.Context(), "sandbox"); err != nil {
		t.Fatal(err)
	}
	admin.get("/admin").says(said(views.Message{Key: "outage.title"})).silent(said(views.Message{Key: "outage.now"}))
	admin.get("/admin/events/" + itoa(e.ID)).says("30 minutos")
}

func TestARefusedRefundIsSettledOutside(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, admin := w.fan(), w.signedIn(w.admin)
	o := fan.buy(e, 1)
	w.stopWorker()
	fan.post("/orders/"+o.ID.String()+"/refunds", url.Values{"all": {"yes"}}).want(http.StatusSeeOther)
	id := w.order(o.ID).Refunds[0].ID
	page, settle := "/admin/orders/"+o.ID.String(), "/admin/refunds/"+id.String()+"/settle"
	admin.get(page).silent(settle) // it is on its way
	admin.post(settle, url.Values{"note": {"por transferência"}}).leadsTo(page)
	admin.get(page).says(said(views.NotPossible))
	if err := w.DB.RefundRefusedByGateway(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	fan.get("/orders/" + o.ID.String()).says(said(views.Message{Key: "order.refund_refused", Cents: 1100, Unit: "BRL"}))
	admin.get("/admin").says(`href="` + page + `#settle-` + id.String() + `"`)
	admin.get(page).says(`action="` + settle + `"`)
	for note, want := range map[string]views.Message{" ": views.Missing, strings.Repeat("ã", 501): views.TooLong} {
		admin.post(settle, url.Values{"note": {note}}).want(http.StatusUnprocessableEntity).says(said(want)).says(`action="` + settle + `"`)
	}
	fan.post(settle, url.Values{"note": {"x"}}).want(http.StatusNotFound)
	admin.post("/admin/refunds/"+uuid.NewString()+"/settle", url.Values{"note": {"x"}}).want(http.StatusNotFound)
	admin.post(settle, url.Values{"note": {"por transferência"}}).leadsTo(page)
	admin.get(page).says(said(views.RefundSettled)).silent(settle)
	admin.post(settle, url.Values{"note": {"de novo"}}).leadsTo(page)
	admin.get(page).says(said(views.NotPossible))
	admin.get("/admin").silent(said(views.Message{Key: "refunds.stuck"}))
	fan.get("/orders/" + o.ID.String()).says(said(views.Message{Key: "order.refund_settled", Cents: 1100, Unit: "BRL"}))
	w.audited()
}

func TestRulesBelowTheLawAreWarnedOf(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	warning := said(views.Message{Key: "admin.below_the_law", Count: store.WithdrawalDays})
	for name, try := range map[string]struct {
		rules store.RefundPolicy
		warns bool
	}{
		"the law's":      {store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true}, false},
		"wider":          {store.RefundPolicy{RefundDays: 30, RefundFee: true}, false},
		"too few days":   {store.RefundPolicy{RefundDays: 6, RefundFee: true}, true},
		"the fee stays":  {store.RefundPolicy{RefundDays: 7}, true},
		"nothing at all": {store.RefundPolicy{}, true},
	} {
		e := w.createDraft(func(e *store.Event) { e.RefundPolicy = try.rules })
		if page := admin.get("/admin/events/" + itoa(e.ID) + "/edit"); strings.Contains(page.body, warning) != try.warns {
			t.Errorf("%s: warned is not %v", name, try.warns)
		}
	}
}
