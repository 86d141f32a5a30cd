# shellcheck shell=bash
# Is the cluster ready, what runs, what did it say.

readonly PARTS="containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns prometheus api-socket api-port"

# Waits until pods can be made and can find each other: the node is Ready, the default service account
# exists, DNS and Prometheus answer through their Service addresses (so kube-proxy has done its work).
await_ready() {
  local deadline=$((SECONDS + 120))
  if [ ! -e "$STATE/settings/accounts-have-rights" ]; then
    await "a free port of this machine" port_bound
    write_kubeconfig
    await "the API server" api_listens
    await "the API server to accept its first objects" apply_addons
    touch "$STATE/settings/accounts-have-rights"
  fi
  await "the API server to be ready" kubectl get --raw /readyz
  await "the node to be Ready" kubectl wait --for condition=Ready --timeout 10s "node/$NAME"
  await "the service account default/default" kubectl wait --for create --timeout 10s serviceaccount/default
  await "DNS" dns_answers
  await "Prometheus" prometheus_answers
}

# Records the port that the forwarder could bind.
port_bound() { grep -oP -m1 'listening on .*:\K[0-9]+$' "$STATE/logs/api-port.log" >"$STATE/settings/port"; }

# Cheaper than kubectl while every part is busy starting.
api_listens() { in_node bash -c 'exec 3<>/dev/tcp/127.0.0.1/6443'; }

# Without validation: it would fetch the schema of the whole API first.
apply_addons() { kubectl apply --server-side --force-conflicts --validate=false -f "$STATE/config/addons.yaml"; }

# await WHAT COMMAND...: repeats it until it succeeds; fails when a part has ended or the deadline has passed
await() {
  local what=$1 ended
  shift
  until "$@" >"$STATE/logs/await.log" 2>&1; do
    alive || fail "cluster '$NAME' has ended: $(tail -n 5 "$STATE/logs/init.log"); then e2e/cluster down$(named)"
    ended=$(ls "$STATE/ended")
    [ -z "$ended" ] ||
      fail "cluster '$NAME': ${ended//$'\n'/, } ended: $(tail -n 5 "$STATE/logs/${ended%%$'\n'*}.log"). More: e2e/cluster logs$(named); then e2e/cluster down$(named)"
    [ $SECONDS -lt "$deadline" ] ||
      fail "cluster '$NAME': waited 120 s for $what: $(tail -n 3 "$STATE/logs/await.log"). See e2e/cluster logs$(named), then e2e/cluster down$(named)"
    sleep 0.1
  done
}

# Asks for the API server's own name, over TCP: length 54, id 7, recursion desired, 1 question, the name, type
# A, class IN; the answer must hold the address 10.96.0.1.
dns_answers() {
  # shellcheck disable=SC2016 # for the inner shell
  in_node timeout 5 bash -c '
    exec 3<>"/dev/tcp/$0/53"
    printf "\0\66\0\7\1\0\0\1\0\0\0\0\0\0\12kubernetes\7default\3svc\7cluster\5local\0\0\1\0\1" >&3
    dd bs=512 count=1 status=none <&3 | od -An -v -tx1 | tr -d " \n" | grep -q 0a600001' "$DNS_IP"
}

prometheus_answers() {
  # shellcheck disable=SC2016 # for the inner shell
  in_node timeout 5 bash -c '
    exec 3<>"/dev/tcp/$0/9090"
    printf "GET /-/ready HTTP/1.0\r\n\r\n" >&3
    read -r _ code _ <&3 && [ "$code" = 200 ]' "$PROMETHEUS_IP"
}

cluster_status() {
  if ! alive; then
    if [ -d "$STATE" ]; then
      echo "cluster '$NAME' was killed; its remains are removed by: e2e/cluster down$(named)"
    else
      echo "cluster '$NAME' does not run"
    fi
    exit 1
  fi
  local part ready=yes
  echo "cluster     $NAME, kube-proxy in $(setting proxy) mode, cgroup v$(cgroup_version)"
  echo "API         https://127.0.0.1:$(setting port), kubeconfig $KUBECONFIG_FILE"
  for part in $PARTS $CSI_PARTS; do
    if [ -e "$STATE/ended/$part" ]; then
      ready=no
      printf '%-11s ended with exit code %s: e2e/cluster logs %s%s\n' "$part" "$(<"$STATE/ended/$part")" "$part" "$(named)"
    fi
  done
  printf 'parts       %s\n' "$(versions)"
  answer "API server" kubectl get --raw /readyz
  answer "node" node_ready
  answer "DNS" dns_answers
  answer "Prometheus" prometheus_answers
  ! has_csi || answer "volumes" node_has_driver
  [ $ready = yes ] || exit 1
}

# answer WHAT COMMAND...: prints whether it is ready; sets the caller's ready=no when it is not
answer() {
  local said
  if said=$("${@:2}" 2>&1); then
    printf '%-11s ready\n' "$1"
  else
    ready=no
    printf '%-11s NOT READY %s\n' "$1" "${said##*$'\n'}"
  fi
}

node_ready() { [ "$(kubectl get node "$NAME" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

versions() {
  echo "Kubernetes $(setting kubernetes), $("$STATE/bin/etcd" --version | sed -n 's/^etcd Version: /etcd /p')," \
    "containerd $(containerd --version | awk '{print $3}'), $(runc --version | head -n 1 | sed 's/ version//')," \
    "$("$STATE/bin/coredns" -version | head -n 1), $("$STATE/bin/prometheus" --version | sed -n '1s/,.*version \([^ ]*\).*/ \1/p')"
}

cluster_logs() {
  [ -d "$STATE/logs" ] || fail "cluster '$NAME' has no logs: it does not run"
  local part=${1:-}
  if [ -n "$part" ]; then
    [[ " $PARTS $CSI_PARTS init " == *" $part "* ]] || misuse "there is no part '$part', but: $PARTS $CSI_PARTS init"
    cat "$STATE/logs/$part.log"
  else
    (cd "$STATE/logs" && tail -n 15 -- *.log)
  fi
}
