package dev.segue.e2e.prometheus;

import dev.segue.e2e.cluster.Commands;
import dev.segue.e2e.cluster.Project;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Programs of this machine that are built or fetched when they are not there yet. */
final class Programs {
    private static final Logger LOG = LoggerFactory.getLogger(Programs.class);

    private Programs() {}

    /** The paths that a script in e2e prints; what it says while it builds is logged. */
    static List<Path> of(String script) {
        return new Commands(Map.of(), line -> LOG.info("{}", line))
                .run("", List.of(Project.root().resolve("e2e").resolve(script).toString()))
                .lines()
                .map(Path::of)
                .toList();
    }
}
