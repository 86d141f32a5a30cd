# shellcheck shell=bash
# What is done to the container runtime from outside: images in, processes killed.

# containerd's own client; its socket is the usual one in the cluster's view of the machine
ctr() { in_node ctr --namespace k8s.io "$@"; }

cluster_load() {
  need_running
  local archive names name
  for archive in "$@"; do
    [ -f "$archive" ] || fail "there is no file $archive"
  done
  for archive in "$@"; do
    names=$(ctr images import - <"$archive") || fail "containerd could not import $archive"
    names=$(sed -n 's/^unpacking \([^ ]*\) .*/\1/p' <<<"$names")
    [ -n "$names" ] || fail "$archive holds no image for this machine"
    for name in $names; do
      await_image "$name"
      echo "loaded $name"
    done
  done
}

# The kubelet sees an image only after containerd's Kubernetes plugin has taken note of it.
await_image() {
  local deadline=$((SECONDS + 20))
  until ctr images ls -q "name==$1" 'labels."io.cri-containerd.image"==managed' | grep -q .; do
    [ $SECONDS -lt $deadline ] || fail "the container runtime did not take note of $1: e2e/cluster logs containerd$(named)"
    sleep 0.05
  done
}

# Of the very program that runs beside the node.
cluster_image() {
  need_running
  [ "$1" = prometheus ] || misuse "only prometheus can be had as an image: '$1' is a part of the node"
  local image=segue.dev/e2e/prometheus:1 archive
  if ! ctr images ls -q "name==$image" | grep -q .; then
    archive=$(mktemp "$STATE/prometheus.XXXXXX")
    "$STATE/bin/pause" image "$STATE/bin/prometheus" "$archive" $image
    cluster_load "$archive" >/dev/null
    rm "$archive"
  fi
  echo $image
}

cluster_kill() {
  need_running
  local namespace pod container containers id
  IFS=/ read -r namespace pod container <<<"$1"
  [[ -n $namespace && -n $pod ]] || misuse "'$1' is not NAMESPACE/POD[/CONTAINER]"
  # shellcheck disable=SC2016 # Go template
  containers=$(kubectl get pod "$pod" -n "$namespace" -o \
    'go-template={{range .status.containerStatuses}}{{.name}} {{.containerID}}{{"\n"}}{{end}}') || exit 1
  if [ -z "$container" ]; then
    [ "$(wc -l <<<"$containers")" -eq 1 ] ||
      misuse "pod $pod has several containers, name one: $(awk '{print $1}' <<<"$containers" | tr '\n' ' ')"
    container=${containers%% *}
  fi
  id=$(awk -v wanted="$container" '$1 == wanted {sub(/^containerd:\/\//, "", $2); print $2}' <<<"$containers")
  [ -n "$id" ] || fail "pod $namespace/$pod has no started container '$container'"
  ctr tasks kill --signal SIGKILL "$id" || fail "container '$container' of $namespace/$pod could not be killed; does it run?"
  echo "killed $namespace/$pod/$container"
}
