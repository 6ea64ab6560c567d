package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries "t=<unix seconds>,v1=<hex HMAC-SHA256 of '<t>.<body>'>".
const SignatureHeader = "Sandbox-Signature"

// Sign makes the value of the signature header.
func Sign(secret string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil))
}

// verify reports whether the signature is of this body, by someone who knows the secret, whenever it was made.
func verify(secret, signature string, body []byte) bool {
	if secret == "" { // everybody knows the empty secret
		return false
	}
	stamp, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	// The whole header is compared, so there is only one way to write a signature.
	return hmac.Equal([]byte(Sign(secret, time.Unix(seconds, 0), body)), []byte(signature))
}
