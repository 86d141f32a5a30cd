# shellcheck shell=bash
# Where a cluster keeps its files, and how one knows that it runs.
#
# The parts of a cluster inherit an exclusive lock on its file "alive", and so does the parent of its process 1,
# which ends after all others. So the lock tells that it runs: no pid can be mistaken for another's.

# Sets what the cluster's name implies.
locate_state() {
  STATE=$STATE_ROOT/$NAME
  CGROUP=/segue-e2e-$NAME
  KUBECONFIG_FILE=$STATE/kubeconfig
}

# Holds the lock of all clusters' state until the process ends, so that two commands never meet: a state folder belongs
# to one of them. File descriptor 9; the cluster must not inherit it.
lock_state() {
  local told=
  while :; do
    mkdir -p "$STATE_ROOT"
    exec 9<"$STATE_ROOT"
    if ! flock -n 9; then
      [ -n "$told" ] || say "another cluster is just being started or stopped; waiting ..."
      told=yes
      flock 9
    fi
    # The one before us may have removed the folder: then we hold the lock of nothing.
    [ "$(stat -L -c %i /proc/self/fd/9)" != "$(stat -c %i "$STATE_ROOT" 2>/dev/null)" ] || return 0
  done
}

alive() { [ -f "$STATE/alive" ] && ! flock -n "$STATE/alive" true; }

# setting NAME: prints what `up` recorded
setting() { cat "$STATE/settings/$1"; }

need_running() { alive || fail "cluster '$NAME' does not run; start it: e2e/cluster up$(named)"; }

# Prints " --name NAME" for messages, nothing for the default cluster.
named() { [ "$NAME" = segue ] || echo " --name $NAME"; }

cluster_kubeconfig() {
  need_running
  echo "$KUBECONFIG_FILE"
}

cluster_env() {
  need_running
  # shellcheck disable=SC2016 # for the caller's shell
  printf 'export KUBECONFIG=%q\nexport PATH=%q:"$PATH"\n' "$KUBECONFIG_FILE" "$STATE/commands"
}
