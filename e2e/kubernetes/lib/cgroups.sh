# shellcheck shell=bash
# The cluster's pods live below one cgroup of its own, /segue-e2e-NAME, in every hierarchy of the machine:
# two clusters do not meet there, and removing it is removing all of them.

# Prints the mount point of every cgroup hierarchy, v1 or v2.
cgroup_mounts() { awk '$3 == "cgroup" || $3 == "cgroup2" {print $2}' /proc/self/mounts; }

cgroup_version() { if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo 2; else echo 1; fi; }

make_cgroups() {
  local root file
  if [ "$(cgroup_version)" = 2 ]; then
    mkdir -p "/sys/fs/cgroup$CGROUP"
    delegate_controllers /sys/fs/cgroup
    delegate_controllers "/sys/fs/cgroup$CGROUP"
    return
  fi
  cgroup_mounts | while read -r root; do
    mkdir -p "$root$CGROUP"
    for file in cpuset.cpus cpuset.mems; do # empty in a new v1 cgroup, and then nothing may run in it
      [ ! -f "$root/$file" ] || cat "$root/$file" >"$root$CGROUP/$file"
    done
  done
}

# On v2 a cgroup's children have only the controllers that it hands down.
delegate_controllers() {
  local controller
  for controller in cpu cpuset memory pids io hugetlb; do
    grep -qw $controller "$1/cgroup.controllers" || continue
    echo "+$controller" 2>/dev/null >"$1/cgroup.subtree_control" ||
      fail "cannot hand down the cgroup controller '$controller' in $1: run where /sys/fs/cgroup is the machine's own root cgroup, not in a container"
  done
}

# Removes the cluster's cgroups; the kernel frees them only some milliseconds after their last process.
remove_cgroups() {
  local root deadline=$((SECONDS + 10))
  cgroup_mounts | while read -r root; do
    until [ ! -d "$root$CGROUP" ] || find "$root$CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null; do
      [ $SECONDS -lt $deadline ] ||
        fail "cannot remove the cgroup $root$CGROUP; processes in it: $(find "$root$CGROUP" -name cgroup.procs -exec cat {} + | tr '\n' ' ')"
      sleep 0.02
    done
  done
}
