package payment

import "time"

// SignatureWindow is how far the clocks of both sides, and the road between them, may be apart.
const SignatureWindow = 5 * time.Minute

// Recent reports whether what was signed at a moment is to be believed now.
func Recent(at, now time.Time) bool {
	age := now.Sub(at)
	return -SignatureWindow <= age && age <= SignatureWindow
}
