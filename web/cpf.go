package web

import "strings"

// parseCPF reads a CPF with or without its punctuation and returns its 11 digits, if both check digits are right.
// Eleven equal digits pass the arithmetic but belong to nobody.
func parseCPF(typed string) (digits string, ok bool) {
	digits = strings.NewReplacer(".", "", "-", "", " ", "").Replace(typed)
	if len(digits) != 11 || strings.Trim(digits, "0123456789") != "" || strings.Trim(digits, digits[:1]) == "" {
		return "", false
	}
	return digits, cpfCheck(digits[:9]) == digits[9] && cpfCheck(digits[:10]) == digits[10]
}

// cpfCheck is the check digit that follows n digits: their sum weighted n+1, n, …, 2, times ten, modulo eleven.
func cpfCheck(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (len(digits) + 1 - i)
	}
	return '0' + byte(sum*10%11%10)
}
