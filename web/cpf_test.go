package web

import "testing"

func TestParseCPF(t *testing.T) {
	for typed, want := range map[string]string{
		"529.982.247-25":   "52998224725",
		"52998224725":      "52998224725",
		" 529 982 247 25 ": "52998224725",
		"111.444.777-35":   "11144477735",
		"000.000.001-91":   "00000000191",
		"390.533.447-05":   "39053344705",
	} {
		if got, ok := parseCPF(typed); !ok || got != want {
			t.Errorf("parseCPF(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{
		"", "5", "529.982.247-24", "529.982.247-35", "529.982.247-2", "529.982.247-255",
		"111.111.111-11", "000.000.000-00", "529.982.247-2x", "５２９98224725", "-", "...........",
	} {
		if got, ok := parseCPF(typed); ok {
			t.Errorf("parseCPF(%q) = %q, want it refused", typed, got)
		}
	}
}
