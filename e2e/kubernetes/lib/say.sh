# shellcheck shell=bash
# How the cluster talks to its user: progress and errors on stderr, results on stdout.

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "cluster: $*"
  exit 1
}

misuse() {
  say "cluster: $*"
  say "Try: e2e/cluster help"
  exit 2
}

# elapsed SECONDS: prints "8 s" or "3 min 20 s"
elapsed() {
  if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}
