package dev.segue.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of a local cluster, seen from the machine.
 *
 * @param first the one that the namespaces were made for; all others are below it
 * @param all it and all below it, those in containers too
 * @param namespaces of network, mounts and processes that they have and this process has not
 */
record NodeProcesses(ProcessHandle first, Set<ProcessHandle> all, Set<String> namespaces) {

    /** @param state the cluster's state folder */
    static NodeProcesses of(Path state) {
        try {
            long pid = Long.parseLong(
                    Files.readString(state.resolve("settings/pid")).strip());
            var first = ProcessHandle.of(pid).orElseThrow();
            var all = new TreeSet<>(first.descendants().toList());
            all.add(first);
            var namespaces = namespaces(all);
            namespaces.removeAll(namespaces(List.of(ProcessHandle.current())));
            return new NodeProcesses(first, all, namespaces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Process 1 of the cluster's pid namespace. */
    ProcessHandle init() {
        return first.children().findFirst().orElseThrow();
    }

    /** The namespaces of all processes of this machine. */
    static Set<String> namespacesOfMachine() {
        return namespaces(ProcessHandle.allProcesses().toList());
    }

    private static Set<String> namespaces(Collection<ProcessHandle> processes) {
        return processes.stream()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "ns"))
                .flatMap(folder -> Stream.of("net", "mnt", "pid").map(folder::resolve))
                .flatMap(link -> target(link).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Nothing when the process has just ended, or is a zombie: then it holds no namespace. */
    private static Optional<String> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
