package app

import (
	"net"
	"net/url"
	"strings"

	"guiche/jobs"
)

// warnings are what works and is hardly meant.
func (s settings) warnings() (all []string) {
	if s.ClientIPHeader == "" && strings.HasPrefix(s.BaseURL, "https://") {
		all = append(all, "CLIENT_IP_HEADER is not set: behind a load balancer all visitors are one address, and are limited together")
	}
	if u, err := url.Parse(s.DatabaseURL); err == nil && s.DatabaseURL != "" {
		// Without a word about it lib/pq wants TLS.
		if u.Query().Get("sslmode") == "disable" && !sameMachine(u.Hostname()) && !strings.HasPrefix(u.Query().Get("host"), "/") {
			all = append(all, "DATABASE_URL has sslmode=disable and leads to another machine: rows and the password travel in the open")
		}
	}
	if o, err := jobs.RedisOptions(s.RedisURL); err == nil && s.RedisURL != "" && o.Network == "tcp" && o.TLSConfig == nil {
		if host, _, err := net.SplitHostPort(o.Addr); err == nil && !sameMachine(host) {
			all = append(all, "REDIS_URL is redis:// and leads to another machine: orders, sign-ins and the password travel in the open; rediss:// is encrypted")
		}
	}
	return all
}

// sameMachine says that what is sent to a host does not leave this machine.
func sameMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || ip != nil && ip.IsLoopback()
}

// warn tells of them at start.
func (a *app) warn() {
	for _, words := range a.warnings() {
		a.log.Warn(words)
	}
}
