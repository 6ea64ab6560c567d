package cruelty

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// word is one word of the setting and the field that it sets.
type word struct {
	name  string
	field any
}

// words are all words of the setting, in the order in which they are written.
func (c *Cruelty) words() []word {
	return []word{
		{"seed", &c.Seed},
		{"delay", &c.Delay},
		{"lost_answer", &c.LostAnswer},
		{"outage", &c.Outage},
		{"busy", &c.Busy},
		{"hang", &c.Hang},
		{"down", &c.Down},
		{"stuck", &c.Stuck},
		{"lost_notice", &c.LostNotice},
		{"late_notice", &c.LateNotice},
		{"reorder", &c.Reorder},
		{"duplicate", &c.Duplicate},
		{"refused_charge", &c.RefusedCharge},
		{"decline", &c.Decline},
		{"pending", &c.Pending},
		{"pending_decline", &c.PendingDecline},
		{"late_money", &c.LateMoney},
		{"slow_refund", &c.SlowRefund},
		{"refused_refund", &c.RefusedRefund},
		{"skew", &c.Skew},
	}
}

// Parse reads words like "seed=7,delay=0-800ms,pending=5%:4s,down=on" and reports everything that is wrong at
// once. Nothing is no cruelty.
func Parse(text string) (Cruelty, error) {
	var c Cruelty
	if strings.TrimSpace(text) == "" {
		return c, nil
	}
	fields := map[string]any{}
	for _, w := range c.words() {
		fields[w.name] = w.field
	}
	said := map[string]bool{}
	var wrong []string
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		field, known := fields[name]
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%q is not known", name))
			continue
		case said[name]:
			wrong = append(wrong, name+" is said twice")
			continue
		}
		said[name] = true
		if err := readWord(field, value); err != nil {
			wrong = append(wrong, name+": "+err.Error())
		}
	}
	if len(wrong) > 0 {
		return Cruelty{}, errors.New(strings.Join(wrong, "; "))
	}
	return c, nil
}

// String writes the cruelty as Parse reads it.
func (c Cruelty) String() string {
	var said []string
	for _, w := range c.words() {
		if value := writeWord(w.field); value != "" {
			said = append(said, w.name+"="+value)
		}
	}
	return strings.Join(said, ",")
}

func readWord(field any, value string) error {
	var err error
	switch f := field.(type) {
	case *uint64:
		if *f, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("%q is not a whole number", value)
		}
	case *Share:
		*f, err = parseShare(value)
	case *Span:
		*f, err = parseSpan(value)
	case *Odds:
		share, span, _ := strings.Cut(value, ":")
		if f.Share, err = parseShare(share); err == nil {
			f.For, err = parseSpan(span)
		}
	case *Window:
		*f, err = parseWindow(value)
	case *time.Duration:
		if *f, err = time.ParseDuration(value); err != nil {
			return fmt.Errorf("%q is not a time such as -3s", value)
		}
	}
	return err
}

func parseShare(value string) (Share, error) {
	number, isPercent := strings.CutSuffix(value, "%")
	percent, err := strconv.ParseFloat(number, 64)
	if err != nil || !isPercent || !(percent >= 0 && percent <= 100) { // not a number is between nothing
		return 0, fmt.Errorf("%q is not a share such as 5%%", value)
	}
	return Share(percent / 100), nil
}

func parseSpan(value string) (Span, error) {
	from, to, isSpan := strings.Cut(value, "-")
	if !isSpan {
		to = from
	}
	var s Span
	var err error
	if s.From, err = time.ParseDuration(from); err == nil {
		s.To, err = time.ParseDuration(to)
	}
	if err != nil || s.From < 0 || s.To < s.From {
		return Span{}, fmt.Errorf("%q is not a time such as 3s or 0-800ms", value)
	}
	return s, nil
}

func parseWindow(value string) (Window, error) {
	if value == "on" {
		return Window{To: UntilTold}, nil
	}
	s, err := parseSpan(value)
	if err != nil {
		return Window{}, fmt.Errorf("%q is none of on, 30s and 10s-40s", value)
	}
	if !strings.Contains(value, "-") {
		s.From = 0
	}
	return Window(s), nil
}

// writeWord is empty for what is not there.
func writeWord(field any) string {
	switch f := field.(type) {
	case *uint64:
		if *f != 0 {
			return strconv.FormatUint(*f, 10)
		}
	case *Share:
		if *f != 0 {
			return f.String()
		}
	case *Span:
		if *f != (Span{}) {
			return f.String()
		}
	case *Odds:
		if f.Share != 0 {
			return f.Share.String() + ":" + f.For.String()
		}
	case *Window:
		switch *f {
		case Window{}:
		case Window{To: UntilTold}:
			return "on"
		default:
			return f.From.String() + "-" + f.To.String()
		}
	case *time.Duration:
		if *f != 0 {
			return f.String()
		}
	}
	return ""
}

// String is a share in percent.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'f', -1, 64) + "%" }

// String is a span as the setting has it.
func (s Span) String() string {
	if s.From == s.To {
		return s.From.String()
	}
	return s.From.String() + "-" + s.To.String()
}
