#!/bin/sh
# Installs with the machine's package manager what is asked for and missing:
#
#   ./install.sh [postgres] [redis] [chromium]
#
# When nothing is missing it calls neither the package manager nor sudo. It leaves no service behind:
# guiche and its tests start private servers of their own, on sockets in their own folders.
set -eu

say() { echo "install: $*" >&2; }

# found tells whether one of the programs named after the first argument is in PATH or in one of the folders named by it.
found() {
	folders=$1
	shift
	for program; do
		if command -v "$program" >/dev/null 2>&1; then return 0; fi
		for folder in $folders; do
			if [ -x "$folder/$program" ]; then return 0; fi
		done
	done
	return 1
}

have() {
	case $1 in
	postgres)
		# initdb without its server is seen where only the client is installed.
		folders="/usr/lib/postgresql/*/bin /usr/libexec/postgresql* /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin"
		found "$folders" initdb && found "$folders" postgres
		;;
	# Debian's package redis-tools holds the whole server under this third name.
	redis) found "/opt/homebrew/bin /usr/local/bin /home/linuxbrew/.linuxbrew/bin" redis-server valkey-server redis-check-rdb ;;
	chromium)
		found /snap/bin headless_shell headless-shell chromium chromium-browser google-chrome google-chrome-stable ||
			[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] ||
			[ -x /Applications/Chromium.app/Contents/MacOS/Chromium ]
		;;
	*)
		say "unknown: $1"
		exit 2
		;;
	esac
}

missing() {
	for want; do
		if ! have "$want"; then printf '%s ' "$want"; fi
	done
}

give_up() {
	say "please install by hand: $1"
	say "  postgres: the PostgreSQL server, 14 or newer (initdb and postgres)"
	say "  redis: redis-server 6.2 or newer, or valkey-server"
	say "  chromium: Chromium or Google Chrome, for the browser tests only"
	say "$2"
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		give_up "$lacking" "(this user is not root, and there is no sudo)"
	fi
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# with_apt keeps Debian from starting what it installs: no cluster on port 5432, no Redis on 6379.
with_apt() {
	apt update || say "apt-get update failed; trying with the lists that are here"
	packages=
	for want in $lacking; do
		case $want in
		postgres)
			apt install --no-install-recommends postgresql-common
			conf=/etc/postgresql-common/createcluster.conf
			if grep -q '^#create_main_cluster = true' $conf; then
				# Read once, when the server's package is configured for the first time; put back below.
				as_root sed -i 's/^#create_main_cluster = true/create_main_cluster = false/' $conf
				trap 'as_root sed -i "s/^create_main_cluster = false/#create_main_cluster = true/" $conf' EXIT
				trap 'exit 130' INT TERM HUP
			fi
			packages="$packages postgresql"
			;;
		# Not redis-server, which differs only by a service that starts with the machine.
		redis) packages="$packages redis-tools" ;;
		chromium)
			if apt-cache show chromium >/dev/null 2>&1; then
				packages="$packages chromium"
			else
				packages="$packages chromium-browser" # Ubuntu's name
			fi
			;;
		esac
	done
	# shellcheck disable=SC2086
	apt install --no-install-recommends $packages
}

# names prints the packages of what is lacking: the arguments are those of postgres, redis and chromium.
names() {
	for want in $lacking; do
		case $want in
		postgres) echo "$1" ;;
		redis) echo "$2" ;;
		chromium) echo "$3" ;;
		esac
	done
}

lacking=$(missing "$@")
if [ -z "$lacking" ]; then exit 0; fi

say "missing: $lacking"
# shellcheck disable=SC2046
if command -v apt-get >/dev/null 2>&1; then
	with_apt
elif command -v dnf >/dev/null 2>&1; then
	as_root dnf install -y $(names postgresql-server redis chromium)
elif command -v apk >/dev/null 2>&1; then
	as_root apk add $(names postgresql redis chromium)
elif command -v brew >/dev/null 2>&1; then
	brew install $(names postgresql@17 redis google-chrome)
else
	give_up "$lacking" "(no package manager that this script knows)"
fi

lacking=$(missing "$@")
if [ -n "$lacking" ]; then give_up "$lacking" "(the package manager ran, and they are still not found)"; fi
