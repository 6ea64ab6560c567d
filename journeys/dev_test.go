package journeys

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"guiche/app"
	"guiche/journeys/world"
	"guiche/store"
	"guiche/store/local"
)

const (
	// devPorts is how far behind PORT the ports of dev go.
	devPorts = 5
	// soldOut is the demo's event that has nothing left.
	soldOut = "sarau-da-praca"
)

// startDev opens a whole shop on a folder and waits until it answers.
func startDev(t *testing.T, folder string, first int) (*process, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a shop with servers of its own is slow")
	}
	p := start(t, map[string]string{"DATA_DIR": folder, "PORT": strconv.Itoa(first)}, "dev")
	base := fmt.Sprintf("http://localhost:%d", first)
	p.answers(base + "/readyz")
	return p, base
}

// closed waits until nothing answers at a port any more.
func closed(t *testing.T, p int) {
	t.Helper()
	world.Eventually(t, fmt.Sprintf("port %d is closed", p), func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", p))
		if err != nil {
			return true
		}
		_ = c.Close()
		return false
	})
}

func TestDevShowsTheShopAndKeepsItsDataThroughAKill(t *testing.T) {
	t.Parallel()
	folder, first := local.NewFolder(t), freePorts(t, devPorts)
	shop, base := startDev(t, folder, first)
	home := page(t, base+"/")
	for _, event := range []string{"Lua Cheia no Parque", "Noite das Estrelas", "Sarau da Praça", "Forró de Inverno"} {
		if !strings.Contains(home, event) {
			t.Errorf("the front page does not show %s", event)
		}
	}
	for _, said := range []string{base, "fan@guiche.test", "guiche-fan", "admin@guiche.test", "guiche-admin"} {
		if !strings.Contains(shop.output.String(), said) {
			t.Errorf("dev did not tell %s", said)
		}
	}
	for i, role := range []string{"worker", "generator", "web"} { // each on its private listener
		metrics := fmt.Sprintf("http://localhost:%d/metrics", first+2+i)
		page(t, metrics)
		if role == "generator" {
			world.Eventually(t, "the generator tells the length of the line", func() bool {
				return strings.Contains(page(t, metrics), "guiche_line_length")
			})
		}
	}

	second := start(t, map[string]string{"DATA_DIR": folder, "PORT": strconv.Itoa(freePorts(t, devPorts))}, "dev")
	<-second.gone
	if second.err == nil || !strings.Contains(second.output.String(), "another guiche dev") {
		t.Errorf("a second dev on the same folder ended with %v", second.err)
	}
	page(t, base+"/") // the first one does not mind

	before := soldOutEvent(t, base)
	shop.kill()
	closed(t, first)
	shop, base = startDev(t, folder, first)
	if after := soldOutEvent(t, base); after != before {
		t.Error("the data is not what it was before the kill")
	}
	shop.stop()
	for i := range devPorts + 1 {
		closed(t, first+i)
	}
}

// soldOutEvent is what the page of the demo's sold-out event says about its tickets.
func soldOutEvent(t *testing.T, base string) string {
	t.Helper()
	text := page(t, base+"/events/"+soldOut)
	_, text, found := strings.Cut(text, "<h1")
	if !found || !strings.Contains(text, "Esgotado") {
		t.Errorf("%s is not sold out", soldOut)
	}
	text, _, _ = strings.Cut(text, "</h1>")
	return text
}

func page(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d, %v", address, response.StatusCode, err)
	}
	return string(body)
}

func TestAdminIsMadeOnTheCommandLine(t *testing.T) {
	t.Parallel()
	databaseURL := local.NewDatabase(t)
	create := func(email, password string) *process {
		p := startReading(t, map[string]string{"DATABASE_URL": databaseURL}, password, "admin", "create", email)
		<-p.gone
		return p
	}
	if p := create("root@guiche.test", "long-enough-password\n"); p.err != nil {
		t.Errorf("admin create: %v: %s", p.err, p.output)
	}
	for email, password := range map[string]string{"nobody": "long-enough-password\n", "root@guiche.test": "short\n"} {
		if p := create(email, password); p.err == nil {
			t.Errorf("admin create accepted %q", email)
		}
	}
	db, err := store.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if a, err := db.AccountByEmail(t.Context(), "root@guiche.test"); err != nil || a.Role != store.Admin {
		t.Errorf("account: %v, %v", a.Role, err)
	}
}

func TestDevSaysWhichPortIsTaken(t *testing.T) {
	t.Parallel()
	folder, first := local.NewFolder(t), freePorts(t, devPorts)
	taken, err := net.Listen("tcp", fmt.Sprintf("localhost:%d", first+3))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var said strings.Builder
	err = app.Run(t.Context(), []string{"dev"}, []string{"DATA_DIR=" + folder, fmt.Sprintf("PORT=%d", first)}, &said, io.Discard)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d is taken", first+3)) {
		t.Errorf("dev ended with %v", err)
	}
	if strings.Contains(said.String(), "is open") {
		t.Errorf("dev said %s", &said)
	}
}

// TestDevSaysThatItsOwnServerDied kills one of the private servers under the shop.
func TestDevSaysThatItsOwnServerDied(t *testing.T) {
	folder, first := local.NewFolder(t), freePorts(t, devPorts)
	shop, _ := startDev(t, folder, first)
	pid, err := os.ReadFile(filepath.Join(folder, "redis", "data", "redis.pid"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(id, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-shop.gone
	if said := shop.output.String(); shop.err == nil || !strings.Contains(said, "Redis has ended by itself") {
		t.Errorf("dev ended with %v", shop.err)
	}
}

// TestDevPutsNoDemoIntoSomebodysShop runs dev on a database that is somebody's own, and still empty.
func TestDevPutsNoDemoIntoSomebodysShop(t *testing.T) {
	databaseURL, first := local.NewDatabase(t), freePorts(t, devPorts)
	p := start(t, map[string]string{"DATA_DIR": local.NewFolder(t), "PORT": strconv.Itoa(first), "DATABASE_URL": databaseURL}, "dev")
	p.answers(fmt.Sprintf("http://localhost:%d/readyz", first))
	db, err := store.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.AccountByEmail(t.Context(), "admin@guiche.test"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a demo admin in somebody's shop: %v", err)
	}
	if strings.Contains(p.output.String(), "guiche-admin") {
		t.Error("dev tells a password that does not count here")
	}
	p.stop()
}

// TestCtrlCWhileStartingIsNoError stops dev before it has come up.
func TestCtrlCWhileStartingIsNoError(t *testing.T) {
	folder := local.NewFolder(t)
	p := start(t, map[string]string{"DATA_DIR": folder, "PORT": strconv.Itoa(freePorts(t, devPorts))}, "dev")
	world.Eventually(t, "it has begun", func() bool { _, err := os.Stat(filepath.Join(folder, "postgres")); return err == nil })
	p.stop()
}
