# shellcheck shell=bash
# Volumes with snapshots, in a running cluster: a CSI driver whose volumes are folders, and the upstream controllers.

readonly CSI_PARTS="csi-driver csi-provisioner csi-snapshotter snapshot-controller"

cluster_csi() {
  local started deadline
  need_running
  build_csi
  lock_state
  need_running # it may have ended during the build
  started=$SECONDS deadline=$((SECONDS + 120))
  if ! has_csi; then
    say "cluster '$NAME': adding volumes with snapshots ..."
    place "${PROGRAMS[@]}"
    mkdir -p "$STATE/csi"
    "$STATE/bin/pause" image "$STATE/bin/files" "$STATE/files.tar" segue.dev/e2e/files:1
    cluster_load "$STATE/files.tar" >/dev/null
    apply_csi "$SNAPSHOT_TYPES"
    kubectl wait --for condition=Established --timeout 60s -f "$SNAPSHOT_TYPES" >/dev/null
    render "$SOURCES/config/csi.yaml" >"$STATE/config/csi.yaml"
    apply_csi "$STATE/config/csi.yaml"
    await "process 1 to start the driver" request_csi
  fi
  await "the node to know the driver" node_has_driver
  say "cluster '$NAME': volumes with snapshots after $(elapsed $((SECONDS - started)))"
  echo "$STATE/csi"
}

has_csi() { [ -e "$STATE/pids/csi-driver" ]; }

# Process 1 does nothing when it has started them.
request_csi() {
  has_csi || { kill -USR1 "$(setting init)" && false; }
}

apply_csi() { kubectl apply --server-side --force-conflicts -f "$1" >"$STATE/logs/csi-apply.log" || exit 1; }

node_has_driver() {
  [ "$(kubectl get csinode "$NAME" -o 'jsonpath={.spec.drivers[*].name}')" = hostpath.csi.segue.dev ]
}
