package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"guiche/payment"
)

// signatureHeader carries "t=<unix seconds>,v1=<hex HMAC-SHA256 of '<t>.<body>'>".
const signatureHeader = "Sandbox-Signature"

// sign makes the value of the signature header.
func sign(secret string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil))
}

// verify reports whether the signature is of this body, by someone who knows the secret, around now.
func verify(secret, signature string, body []byte, now time.Time) bool {
	if secret == "" { // everybody knows the empty secret
		return false
	}
	stamp, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	at := time.Unix(seconds, 0)
	// The whole header is compared, so there is only one way to write a signature.
	if !hmac.Equal([]byte(sign(secret, at, body)), []byte(signature)) {
		return false
	}
	return payment.Recent(at, now)
}
