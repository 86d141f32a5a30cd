#!/usr/bin/env bash
# Process 1 of a cluster: makes the private view of the machine, starts the parts, and reaps.
# init.sh STATE MACHINE-NETWORK-FD NAME NODE-IP; in new net, mount and pid namespaces.
set -euo pipefail

readonly state=$1 machine=$2 name=$3 node_ip=$4
declare -A names # of the parts, by pid
declare -A commands # that start them, by name

main() {
  local init
  # The number that the machine knows this process by: /proc is still the machine's.
  read -r init _ </proc/self/stat
  echo "$init" >"$state/settings/init"
  mount -t proc proc /proc
  make_view
  make_network
  cd /run/segue
  export PATH=/run/segue/bin:$PATH
  start_parts
  trap start_csi USR1
  # Each part's end is recorded for `status`; this process stays while any of them runs.
  local pid code
  while :; do
    code=0
    wait -n -p pid || code=$?
    if [ -z "${pid:-}" ]; then # a signal came, or none is left
      [ "$code" -gt 128 ] || break
      continue
    fi
    if rm "restart/${names[$pid]}" 2>/dev/null; then
      echo "${names[$pid]} is started again"
      eval "part ${names[$pid]} ${commands[${names[$pid]}]}"
      continue
    fi
    echo "$code" >"ended/${names[$pid]}"
    echo "${names[$pid]} ended with exit code $code"
  done
}

# The state folder becomes /run/segue, and the cluster gets its own /run, /var/lib and /var/log: the parts
# can keep their usual paths, two clusters do not meet, and nothing is written into the machine's folders.
make_view() {
  mount -t tmpfs -o mode=755 tmpfs "$state/run"
  mkdir "$state/run/segue" "$state/run/cgroup"
  mount --bind "$state" "$state/run/segue"
  mount --rbind "$state/run" /run
  mount --bind /run/segue/var-lib /var/lib
  mount --bind /run/segue/var-log /var/log

  # Sysfs shows the network namespace it was mounted in. The cgroups must survive the change, and all of
  # it must happen before the mounts are shared, or the unmounting spreads to the cgroups that were saved.
  mount --rbind /sys/fs/cgroup /run/cgroup
  umount -l /sys
  mount -t sysfs sysfs /sys
  mount --rbind /run/cgroup /sys/fs/cgroup
  umount -l /run/cgroup

  # The kubelet sets these for the whole machine when it starts: let it set files instead.
  local setting key
  mkdir /run/sysctl
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    key=${setting%=*}
    echo "${setting#*=}" >"/run/sysctl/${key//\//.}"
    mount --bind "/run/sysctl/${key//\//.}" "/proc/sys/$key"
  done
  mount --make-rshared / # containers and their volumes see later mounts
}

# A veth pair with both ends in here is enough: it carries the node's address and the default route that
# traffic to Service addresses starts on. No device or route is added to the machine.
make_network() {
  ip link set lo up
  ip link add eth0 type veth peer name wire0
  ip link set wire0 up
  ip link set eth0 up
  ip address add "$node_ip/24" dev eth0
  ip route add default via "${node_ip%.*}.1" dev eth0
  echo 1 >/proc/sys/net/ipv4/ip_forward
}

# part NAME COMMAND...: starts it with a log of its own
part() {
  "${@:2}" >>"logs/$1.log" 2>&1 &
  names[$!]=$1
  commands[$1]=$(printf '%q ' "${@:2}")
  echo $! >"pids/$1"
}

# Their garbage collectors took a fifth of the CPU time of a busy cluster; memory is what the machine has more of.
start_parts() {
  export GOGC=400
  part containerd containerd --config config/containerd.toml
  part etcd etcd --data-dir /var/lib/etcd --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  part kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 \
    --advertise-address "$node_ip" --bind-address 0.0.0.0 --secure-port 6443 \
    --tls-cert-file pki/apiserver.crt --tls-private-key-file pki/apiserver.key --client-ca-file pki/ca.crt \
    --token-auth-file pki/tokens.csv --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --service-account-key-file pki/accounts.pub --service-account-signing-key-file pki/accounts.key \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-cluster-ip-range 10.96.0.0/16 --allow-privileged \
    --kubelet-client-certificate pki/kubelet-client.crt --kubelet-client-key pki/kubelet-client.key \
    --kubelet-preferred-address-types InternalIP # the node's name is in no DNS
  part kube-controller-manager kube-controller-manager --kubeconfig config/controllers.kubeconfig \
    --service-account-private-key-file pki/accounts.key --root-ca-file pki/ca.crt \
    --cluster-signing-cert-file pki/ca.crt --cluster-signing-key-file pki/ca.key \
    --use-service-account-credentials --leader-elect=false --cluster-cidr 10.244.0.0/16 --bind-address 127.0.0.1 \
    --kube-api-qps 200 --kube-api-burst 400 # its start makes 100 requests: 4 s sooner than at the default rate
  part kube-scheduler kube-scheduler --kubeconfig config/scheduler.kubeconfig --leader-elect=false --bind-address 127.0.0.1
  part kube-proxy kube-proxy --config config/kube-proxy.yaml
  part kubelet start_kubelet
  part coredns with_accounts coredns -conf config/Corefile -quiet
  part prometheus unless_stopped prometheus with_accounts prometheus --config.file config/prometheus.yml --log.level warn \
    --storage.tsdb.path /var/lib/prometheus --storage.tsdb.retention.time 6h --web.listen-address "$node_ip:9090"
  # From a port of the machine into here: a unix socket is the bridge between the two network namespaces.
  part api-socket socat UNIX-LISTEN:/run/api.sock,fork TCP:127.0.0.1:6443
  part api-port forward_port
}

# Volumes with snapshots: on the signal that `csi` sends, which may send it again. The sidecars end when the driver does.
# Their own limits, 5 requests a second and 5 minutes until something that failed is tried or cleaned again, are for large
# clusters.
start_csi() {
  [ ! -e pids/csi-driver ] || return 0
  local client=(--kubeconfig config/admin.kubeconfig --kube-api-qps 100 --kube-api-burst 200 --retry-interval-max 5s)
  local driver=(--csi-address /var/lib/kubelet/plugins/hostpath.csi.segue.dev/csi.sock)
  part csi-driver csi-driver --folder /run/segue/csi --node "$name"
  part csi-provisioner csi-provisioner "${client[@]}" "${driver[@]}" --snapshot-orphan-sweep-interval 2s
  part csi-snapshotter csi-snapshotter "${client[@]}" "${driver[@]}" --feature-gates CSIVolumeGroupSnapshot=false
  part snapshot-controller snapshot-controller "${client[@]}" --feature-gates CSIVolumeGroupSnapshot=false
}

# Whoever binds a port has it; its log tells which one it became.
forward_port() {
  local port
  for ((port = 16443; port < 16643; port++)); do
    nsenter --net="/proc/self/fd/$machine" \
      socat -d -d "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" UNIX-CONNECT:/run/api.sock ||
      ! grep -q 'listening on' logs/api-port.log || return 1 # it was bound, so this is not why it ended
  done
  echo "every port from 16443 to 16642 is in use"
  return 1
}

start_kubelet() {
  until ctr -n k8s.io images import pause.tar; do sleep 0.05; done
  ctr -n k8s.io images import still.tar
  exec kubelet --config config/kubelet.yaml --kubeconfig config/kubelet.kubeconfig \
    --hostname-override "$name" --node-ip "$node_ip" --cert-dir /var/lib/kubelet/pki
}

# unless_stopped PART COMMAND...: runs the command as soon as `stop` does not want the part to be away
unless_stopped() {
  while [ -e "stopped/$1" ]; do sleep 0.05; done
  "${@:2}"
}

# with_accounts COMMAND...: becomes the command as soon as `up` has given the accounts their rights
with_accounts() {
  until [ -e settings/accounts-have-rights ]; do sleep 0.05; done
  exec "$@"
}

main
