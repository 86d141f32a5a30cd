# shellcheck shell=bash
# Writes the files that the cluster's parts read. Inside the cluster's own mount namespace the state folder
# is /run/segue, so the configuration does not depend on where it lies on the machine.

readonly NODE_IP=10.20.0.10 DNS_IP=10.96.0.10 PROMETHEUS_IP=10.96.0.9

configure() {
  mkdir -p "$STATE"/{bin,commands,config/cni,ended,logs,pids,pki,restart,run,settings,stopped,var-lib,var-log}
  chmod 700 "$STATE"
  echo "$KUBERNETES" >"$STATE/settings/kubernetes"
  echo "$PROXY" >"$STATE/settings/proxy"
  place_programs
  write_certificates
  write_accounts
  local template
  for template in "$SOURCES"/config/*; do
    render "$template" >"$STATE/config/${template##*/}"
  done
  mv "$STATE/config/network.conflist" "$STATE/config/cni/"
}

place_programs() {
  local part
  place "${PROGRAMS[@]}"
  for part in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do
    ln -s kube "$STATE/bin/$part"
  done
  ln -s ../bin/kube "$STATE/commands/kubectl"
  ln -s ../bin/helm "$STATE/commands/helm"
  "$STATE/bin/pause" image "$STATE/bin/pause" "$STATE/pause.tar" segue.dev/e2e/pause:1
  "$STATE/bin/pause" image "$STATE/bin/still" "$STATE/still.tar" segue.dev/e2e/still:1 segue.dev/e2e/still:2
}

# Links or copies the programs into the state folder: the cache may then be deleted under a running cluster.
place() {
  local program
  for program in "$@"; do
    ln "$program" "$STATE/bin/" 2>/dev/null || cp "$program" "$STATE/bin/"
  done
}

write_certificates() {
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  (
    cd "$STATE/pki"
    openssl req -x509 "${key[@]}" -keyout ca.key -out ca.crt -days 365 -subj "/CN=segue-e2e-$NAME" &&
      sign apiserver /CN=kube-apiserver "subjectAltName=IP:127.0.0.1,IP:10.96.0.1,IP:$NODE_IP,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local" &&
      sign kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client extendedKeyUsage=clientAuth &&
      openssl ecparam -name prime256v1 -genkey -noout -out accounts.key &&
      openssl pkey -in accounts.key -pubout -out accounts.pub
  ) >"$STATE/logs/openssl.log" 2>&1 || fail "openssl could not make the certificates: $(tail -n 3 "$STATE/logs/openssl.log")"
}

# sign FILE SUBJECT EXTENSIONS: makes a key, of the caller's kind, and a certificate by the cluster's CA
sign() {
  openssl req "${key[@]}" -keyout "$1.key" -out "$1.csr" -subj "$2" &&
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$1.crt" -extfile <(echo "$3")
}

# A bearer token and a kubeconfig for each part.
write_accounts() {
  account admin admin system:masters
  account controllers system:kube-controller-manager
  account scheduler system:kube-scheduler
  account kubelet "system:node:$NAME" system:nodes
  account proxy system:kube-proxy
  account coredns segue-e2e:coredns
  account prometheus segue-e2e:prometheus
}

# The administrator's for the machine: through the forwarded port, and with the CA in it.
write_kubeconfig() {
  kubeconfig "https://127.0.0.1:$(setting port)" "certificate-authority-data: $(base64 -w0 "$STATE/pki/ca.crt")" \
    "$(awk -F, '$3 == "admin" {print $1}' "$STATE/pki/tokens.csv")" >"$KUBECONFIG_FILE"
}

# account FILE USER [GROUP]
account() {
  local token
  token=$(openssl rand -hex 16)
  echo "$token,$2,$1,\"${3:-}\"" >>"$STATE/pki/tokens.csv"
  kubeconfig "https://$NODE_IP:6443" "certificate-authority: /run/segue/pki/ca.crt" "$token" >"$STATE/config/$1.kubeconfig"
}

# kubeconfig SERVER CA-ENTRY TOKEN
kubeconfig() {
  local id=segue-e2e-$NAME
  cat <<EOF
apiVersion: v1
kind: Config
clusters:
- name: $id
  cluster: {server: "$1", $2}
users:
- name: $id
  user: {token: $3}
contexts:
- name: $id
  context: {cluster: $id, user: $id}
current-context: $id
EOF
}

# render TEMPLATE: prints it with the words between @ replaced
render() {
  local snapshotter=overlayfs
  # Overlayfs cannot have its upper folder on overlayfs, as in a container: copy the layers there.
  [ "$(stat -f -c %T "$STATE")" != overlayfs ] || snapshotter=native
  sed -e "s,@CGROUP@,$CGROUP,g" -e "s,@PROXY@,$PROXY,g" -e "s,@SNAPSHOTTER@,$snapshotter,g" -e "s,@NODE@,$NAME,g" \
    -e "s,@NODE_IP@,$NODE_IP,g" -e "s,@DNS_IP@,$DNS_IP,g" \
    -e "s,@PROMETHEUS_IP@,$PROMETHEUS_IP,g" "$1"
}
