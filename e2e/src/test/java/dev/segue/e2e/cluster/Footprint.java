package dev.segue.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a cluster could leave on the machine outside its own processes, as it is now, whoever made it. Looks only at what
 * a cluster could leave: the machine's other users go on meanwhile.
 *
 * @param mounts of this process's mount namespace, with the state folder or over the folders that a cluster covers
 * @param cgroups its own and those that a kubelet or containerd makes, in every hierarchy
 * @param devices of this process's network namespace, with the names that a node gives
 * @param files in the folders that a node usually writes to, and these folders
 */
record Footprint(Set<String> mounts, Set<String> cgroups, Set<String> devices, Set<String> files) {

    private static final Set<String> COVERED_FOLDERS =
            Set.of("/proc", "/sys", "/sys/fs/cgroup", "/run", "/var/lib", "/var/log");

    private static final List<String> NODE_FOLDERS = List.of(
            "/etc/cni",
            "/opt/cni",
            "/run/containerd",
            "/run/netns",
            "/run/segue",
            "/var/lib/cni",
            "/var/lib/containerd",
            "/var/lib/etcd",
            "/var/lib/kubelet",
            "/var/lib/prometheus",
            "/var/log/containers",
            "/var/log/pods");

    /** @param cluster the name of the one that is looked at; its state folder is in {@code stateRoot} */
    static Footprint now(String cluster, Path stateRoot) {
        return new Footprint(
                mountTable(stateRoot),
                below(
                        "/sys/fs/cgroup",
                        2,
                        path -> path.getFileName().toString().matches("segue-e2e-" + cluster + "|kubepods.*|k8s\\.io")),
                below("/sys/class/net", 1, path -> path.getFileName().toString().matches("(eth|wire|veth|cni).*")),
                NODE_FOLDERS.stream()
                        .flatMap(folder -> below(folder, 1, path -> true).stream())
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    /** What is in this one and not in the other. */
    Footprint minus(Footprint other) {
        return new Footprint(
                minus(mounts, other.mounts),
                minus(cgroups, other.cgroups),
                minus(devices, other.devices),
                minus(files, other.files));
    }

    boolean isEmpty() {
        return mounts.isEmpty() && cgroups.isEmpty() && devices.isEmpty() && files.isEmpty();
    }

    private static Set<String> minus(Set<String> from, Set<String> other) {
        var rest = new TreeSet<>(from);
        rest.removeAll(other);
        return rest;
    }

    private static Set<String> mountTable(Path stateRoot) {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(stateRoot.toString()) || covers(line.split(" ", 6)[4]))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean covers(String point) {
        return COVERED_FOLDERS.contains(point)
                || point.startsWith("/proc/sys/")
                || NODE_FOLDERS.stream().anyMatch(point::startsWith);
    }

    /** A folder and the paths below it; none when there is no such folder. */
    private static Set<String> below(String folder, int depth, Predicate<Path> wanted) {
        var top = Path.of(folder);
        if (!Files.isDirectory(top)) {
            return Set.of();
        }
        try (Stream<Path> paths = Files.walk(top, depth)) {
            return paths.filter(wanted).map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
