package world

import "github.com/alexedwards/argon2id"

// HashPassword is what is stored of a plain ASCII password, at the least cost that the function takes: what checks it goes
// by the cost that the hash says, and tests sign in hundreds of times.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}
