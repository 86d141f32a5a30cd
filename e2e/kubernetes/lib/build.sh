# shellcheck shell=bash
# What the cluster is made of: Debian's packages, and programs built once from pinned Go modules.

# command or file : Debian package
readonly NEEDED="
containerd:containerd
ctr:containerd
runc:runc
/usr/lib/cni/ptp:containernetworking-plugins
iptables:iptables
nft:nftables
ip:iproute2
socat:socat
openssl:openssl
"

# The newest that one of the Go modules asks for.
readonly GO=1.26.7

install_packages() {
  local entry lacking=()
  for entry in $NEEDED; do
    type -P "${entry%:*}" >/dev/null || lacking+=("${entry#*:}")
  done
  [ ${#lacking[@]} -gt 0 ] || return 0
  mapfile -t lacking < <(printf '%s\n' "${lacking[@]}" | sort -u)
  type -P apt-get >/dev/null ||
    fail "lacking: ${lacking[*]} (names of Debian's packages; there is no apt-get here): install them by hand"
  say "installing Debian's packages ${lacking[*]} ..."
  local log
  log=$(mktemp)
  (
    # One at a time: another one's end would take policy-rc.d away. The lock is on a folder that every machine has.
    exec 8</usr/sbin
    flock 8
    # Only the programs are wanted: this file keeps apt from starting them as services of the machine.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      trap 'rm -f $policy' EXIT
      printf '#!/bin/sh\nexit 101\n' >$policy
      chmod +x $policy
    fi
    apt=(apt-get -y --no-install-recommends -o DPkg::Lock::Timeout=300)
    export DEBIAN_FRONTEND=noninteractive
    # A list of packages that is old or was never fetched fails the first time.
    "${apt[@]}" install "${lacking[@]}" || { "${apt[@]}" update && "${apt[@]}" install "${lacking[@]}"; }
  ) >"$log" 2>&1 || fail "apt-get could not install ${lacking[*]}; the end of $log: $(tail -n 5 "$log")"
  rm -f "$log"
}

# The Go modules kube* hold one Kubernetes version each and share kube/main.go.
module_version() { pinned "$(basename "$1")" k8s.io/kubernetes; }

# kubernetes_module VERSION: prints the folder of the module that pins it
kubernetes_module() {
  local folder
  for folder in "$SOURCES"/kube*/; do
    [ "$(module_version "$folder")" != "$1" ] || { basename "$folder"; return; }
  done
  return 1
}

kubernetes_versions() {
  local folder versions=()
  for folder in "$SOURCES"/kube*/; do versions+=("$(module_version "$folder")"); done
  echo "${versions[*]}"
}

# Builds the programs the cluster needs, or finds them in the cache; sets PROGRAMS to their paths.
build_programs() {
  local flags='' package value version major=${KUBERNETES%%.*} minor=${KUBERNETES#*.}
  minor=${minor%%.*}
  # Without these the API server and the kubelet say that they are v0.0.0.
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    for value in gitVersion="v$KUBERNETES" gitMajor="$major" gitMinor="$minor" gitCommit="v$KUBERNETES" \
      gitTreeState=archive buildDate=1970-01-01T00:00:00Z; do
      flags+=" -X $package.$value"
    done
  done
  PROGRAMS=()
  build kube "$KUBERNETES" "$(kubernetes_module "$KUBERNETES")" kube "$flags" .
  build coredns "$(pinned dns github.com/coredns/coredns)" dns dns '' .
  build_prometheus
  version=$(pinned helm helm.sh/helm/v3)
  flags=" -X helm.sh/helm/v3/internal/version.version=v$version"
  # Without these it renders for Kubernetes 1.20; its client v0.37.0 is that of Kubernetes 1.37.
  minor=$(pinned helm k8s.io/client-go) minor=${minor#*.}
  for package in pkg/chartutil pkg/lint/rules; do
    flags+=" -X helm.sh/helm/v3/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/$package.k8sVersionMinor=${minor%%.*}"
  done
  build helm "$version" helm helm "$flags" helm.sh/helm/v3/cmd/helm
  build pause 1 pause pause '' .
  build still 1 still still '' .
}

# All that a cluster may need, so that nothing is built while something is measured.
cluster_build() {
  build_programs
  build_csi
}

# For volumes with snapshots the same as build_programs; sets SNAPSHOT_TYPES to the folder of their CRDs, too.
build_csi() {
  local snapshotter provisioner program
  snapshotter=$(pinned csi github.com/kubernetes-csi/external-snapshotter/v8)
  provisioner=$(pinned csi github.com/kubernetes-csi/external-provisioner/v6)
  PROGRAMS=()
  for program in snapshot-controller csi-snapshotter; do
    build $program "$snapshotter" csi csi " -X main.version=v$snapshotter" \
      github.com/kubernetes-csi/external-snapshotter/v8/cmd/$program
  done
  build csi-provisioner "$provisioner" csi csi " -X main.version=v$provisioner" \
    github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner
  build csi-driver 1 csi csi '' .
  build files 1 files files '' .
  copy_snapshot_types
}

# The CRDs are files of a module that the build has fetched.
copy_snapshot_types() {
  local module=github.com/kubernetes-csi/external-snapshotter/client/v8 version folder partial
  version=$(pinned csi $module)
  SNAPSHOT_TYPES=$CACHE/snapshot-types-$version
  [ ! -d "$SNAPSHOT_TYPES" ] || return 0
  need_go
  folder=$(go mod download -C "$SOURCES/csi" -json $module | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  partial=$(mktemp -d "$SNAPSHOT_TYPES.XXXXXX")
  cp "$folder"/config/crd/snapshot.storage.k8s.io_*.yaml "$partial"
  chmod -R u+w,go+rX "$partial"
  mv -T "$partial" "$SNAPSHOT_TYPES" 2>/dev/null || rm -rf "$partial" # another process was faster
}

# Debian's own Prometheus is built without the discovery of pods.
build_prometheus() {
  local version
  version=$(pinned prometheus github.com/prometheus/prometheus)
  version=${version:2:1}.${version:3} # the module v0.316.0 is Prometheus 3.16.0
  build prometheus "$version" prometheus prometheus " -X github.com/prometheus/common/version.Version=$version" \
    -tags remove_all_sd,enable_kubernetes_sd github.com/prometheus/prometheus/cmd/prometheus
}

# pinned MODULE DEPENDENCY: prints the version in its go.mod, without the v
pinned() { awk -v wanted="$2" '{ sub(/^require /, "") } $1 == wanted { print substr($2, 2); exit }' "$SOURCES/$1/go.mod"; }

# build PROGRAM VERSION MODULE FOLDER LDFLAGS GO-BUILD-ARGUMENT...: adds the program's path in the cache to PROGRAMS.
# MODULE is the folder of go.mod and go.sum, FOLDER the one of the Go source (they differ for kube).
build() {
  local program=$1 version=$2 module=$3 folder=$4 flags="-s -w$5" inputs key lock target
  shift 5
  inputs=("$SOURCES/$module"/go.* "$SOURCES/$folder"/*.go)
  key=$({ for input in "${inputs[@]}"; do [ ! -f "$input" ] || cat "$input"; done; echo "$flags $*"; } | sha256sum)
  target=$CACHE/$program-$version-${key:0:12}
  PROGRAMS+=("$target/$program")
  [ ! -x "$target/$program" ] || return 0

  mkdir -p "$CACHE"
  exec {lock}>"$CACHE/$program-$version.lock"
  if ! flock -n "$lock"; then
    say "$program $version: another process is building it; waiting for that ..."
    flock "$lock"
  fi
  if [ ! -x "$target/$program" ]; then
    need_go
    rm -rf "$target.partial"
    mkdir -p "$target.partial"
    compile "$program $version" "$target.partial/build.log" -C "$SOURCES/$folder" -modfile "$SOURCES/$module/go.mod" \
      -ldflags "$flags" -o "$target.partial/$program" "$@"
    mv -T "$target.partial" "$target"
  fi
  exec {lock}>&-
}

need_go() {
  type -P go >/dev/null || fail "Go is not on the PATH: install Go $GO or newer (the cluster's programs are built from Go modules)"
  local version
  version=$(go env GOVERSION)
  printf '%s\n' "$GO" "${version#go}" | sort -CV || fail "Go is $version: install Go $GO or newer"
}

# compile LABEL LOG -C FOLDER GO-BUILD-ARGUMENT...: go build with a line of progress every 20 seconds
compile() {
  local label=$1 log=$2 started=$SECONDS hint='' builder
  shift 2
  [[ $label != kube* ]] || hint=' (about 12 minutes on 2 cores)'
  say "$label: building, once for all clusters$hint ..."
  CGO_ENABLED=0 go build "$1" "$2" -v -trimpath -buildvcs=false "${@:3}" >"$log" 2>&1 &
  builder=$!
  # shellcheck disable=SC2064 # this builder
  trap "kill $builder 2>/dev/null; exit 130" INT TERM # a background job does not see the terminal's Ctrl-C
  until timeout 20 tail --pid=$builder -f /dev/null; do
    say "$label: $(elapsed $((SECONDS - started))): $(grep -c '^go: downloading' "$log" || true) modules fetched," \
      "$(grep -vc '^go: ' "$log" || true) packages compiled ..."
  done
  wait $builder || fail "$label did not build; the end of $log: $(tail -n 20 "$log")"
  trap - INT TERM
  say "$label: built in $(elapsed $((SECONDS - started)))"
}
