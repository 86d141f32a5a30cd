# shellcheck shell=bash
# Starts and ends a cluster.
#
# All its processes live in one pid namespace below one process, and in one mount and one network
# namespace that no file holds open: when that process is killed, processes, mounts, network devices and
# forwarded port are gone with it. Only the state folder and the cgroups have to be removed afterwards.

cluster_up() {
  local started
  install_packages
  build_programs
  lock_state
  started=$SECONDS
  if alive; then
    same_or_fail
  else
    if [ -d "$STATE" ]; then
      say "cluster '$NAME': removing what an earlier one left that did not end by 'down' ..."
      remove_remains
    fi
    say "cluster '$NAME': starting Kubernetes $KUBERNETES (kube-proxy $PROXY, cgroup v$(cgroup_version)) ..."
    configure
    make_cgroups
    start_node
  fi
  await_ready
  say "cluster '$NAME': ready in $(elapsed $((SECONDS - started))); API at https://127.0.0.1:$(setting port)"
  say "Use it: eval \"\$(e2e/cluster env$(named))\"; end it: e2e/cluster down$(named)"
}

same_or_fail() {
  local kubernetes proxy
  kubernetes=$(setting kubernetes) proxy=$(setting proxy)
  [ "$kubernetes $proxy" = "$KUBERNETES $PROXY" ] ||
    fail "cluster '$NAME' runs already, with Kubernetes $kubernetes and $proxy, not $KUBERNETES and $PROXY: e2e/cluster down$(named), or another --name"
}

start_node() {
  local alive machine
  exec {alive}>"$STATE/alive" {machine}</proc/self/ns/net
  flock -n "$alive" || fail "$STATE/alive is locked by another process"
  setsid unshare --net --mount --pid --fork --kill-child --propagation private \
    bash "$SOURCES/lib/init.sh" "$STATE" "$machine" "$NAME" "$NODE_IP" \
    </dev/null >"$STATE/logs/init.log" 2>&1 9<&- &
  echo $! >"$STATE/settings/pid"
  exec {alive}>&- {machine}<&-
}

# in_node COMMAND...: runs it in the cluster's network and mount namespaces
in_node() { nsenter --target "$(setting pid)" --net --mount -- "$@"; }

kubectl() { "$STATE/commands/kubectl" --kubeconfig "$KUBECONFIG_FILE" --cache-dir "$STATE/run/kubectl" "$@"; }

# SIGKILL to one part; process 1 starts it again, because the request for it is there first. Its pid is that of the
# cluster's own pid namespace.
cluster_restart() {
  need_running
  local part=$1
  [[ " $PARTS " == *" $part "* ]] || misuse "there is no part '$part', but: $PARTS"
  replace "$part"
  await_ready
  echo "restarted $part"
}

# The same, but its successor waits for `start` before it does anything.
cluster_stop() {
  need_running
  stoppable "$1"
  touch "$STATE/stopped/$1"
  replace "$1"
  echo "stopped $1"
}

cluster_start() {
  need_running
  stoppable "$1"
  rm -f "$STATE/stopped/$1"
  await_ready
  echo "started $1"
}

stoppable() { [ "$1" = prometheus ] || misuse "only prometheus can be stopped and started: the cluster cannot do without '$1'"; }

replace() {
  local part=$1 before deadline=$((SECONDS + 120))
  [ ! -e "$STATE/ended/$part" ] || fail "$part has ended: e2e/cluster logs $part$(named)"
  before=$(<"$STATE/pids/$part")
  touch "$STATE/restart/$part"
  nsenter --target "$(setting init)" --pid -- kill -KILL "$before"
  await "process 1 to start $part again" restarted "$part" "$before"
}

restarted() { [ "$(<"$STATE/pids/$1")" != "$2" ]; }

# Before kube-proxy's rules, which make a pod's address of it. What the node itself sends is not concerned.
cluster_block() {
  need_running
  in_node nft -f - <<EOF
table ip $(blocked "$1") {
  chain prerouting {
    type filter hook prerouting priority -150; policy accept;
    ip daddr $1 drop
  }
}
EOF
  echo "blocked $1"
}

cluster_unblock() {
  need_running
  in_node nft delete table ip "$(blocked "$1")"
  echo "unblocked $1"
}

blocked() { echo "segue-blocked-${1//./-}"; }

cluster_down() {
  lock_state
  if [ -d "$STATE" ]; then
    remove_remains
    say "cluster '$NAME': ended and removed"
  else
    remove_cgroups
    say "cluster '$NAME': nothing to end"
  fi
  rmdir --ignore-fail-on-non-empty "$STATE_ROOT"
}

remove_remains() {
  if alive; then
    # Process 1 of the namespace: its parent, which holds the lock too, ends after the last of its processes.
    kill -KILL "$(setting init 2>/dev/null)" 2>/dev/null || kill -KILL "$(setting pid)" 2>/dev/null || true
    flock -w 20 "$STATE/alive" true || fail "processes of cluster '$NAME' still run 20 s after SIGKILL"
  fi
  remove_cgroups
  rm -rf --one-file-system "$STATE"
}
