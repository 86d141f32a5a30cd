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
 * What a cluster could leave on the machine outside its own processes, as it is now, whoever made it. Looks only where a
 * cluster could leave something: the machine's other users go on meanwhile.
 *
 * @param mounts of this process's mount namespace, on the state folder, the machine's own folders or below
 * @param cgroups the topmost ones of every hierarchy, but those of other local clusters
 * @param devices network devices of this process's network namespace
 * @param files in the folders that a node usually writes to
 */
record Footprint(Set<String> mounts, Set<String> cgroups, Set<String> devices, Set<String> files) {

    private static final List<String> COVERED_FOLDERS = List.of("/proc", "/sys", "/run", "/var/lib", "/var/log");

    private static final List<String> NODE_FOLDERS = List.of(
            "/etc/cni/net.d",
            "/opt",
            "/run/containerd",
            "/run/netns",
            "/var/lib",
            "/var/lib/cni",
            "/var/lib/containerd",
            "/var/lib/kubelet",
            "/var/log/containers",
            "/var/log/pods");

    /** @param cluster the name of the one that is looked at; its state folder is in {@code stateRoot} */
    static Footprint now(String cluster, Path stateRoot) {
        return new Footprint(
                mountTable(stateRoot),
                below("/sys/fs/cgroup", 2, path -> Files.isDirectory(path) && !isOfOther(path, cluster)),
                below("/sys/class/net", 1, path -> true),
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

    private static boolean isOfOther(Path cgroup, String cluster) {
        var name = cgroup.getFileName().toString();
        return name.startsWith("segue-e2e-") && !name.equals("segue-e2e-" + cluster);
    }

    private static Set<String> minus(Set<String> from, Set<String> other) {
        var rest = new TreeSet<>(from);
        rest.removeAll(other);
        return rest;
    }

    private static Set<String> mountTable(Path stateRoot) {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> {
                        var point = Path.of(line.split(" ", 6)[4]);
                        return point.startsWith(stateRoot)
                                || COVERED_FOLDERS.stream().anyMatch(point::startsWith);
                    })
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Paths below a folder; none when there is no such folder. */
    private static Set<String> below(String folder, int depth, Predicate<Path> wanted) {
        var top = Path.of(folder);
        if (!Files.isDirectory(top)) {
            return Set.of();
        }
        try (Stream<Path> paths = Files.walk(top, depth)) {
            return paths.filter(path -> !path.equals(top))
                    .filter(wanted)
                    .map(Path::toString)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
