package dev.segue.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where this project lies: what is not code, the chart for example, is read from there. */
public final class Project {
    private Project() {}

    /** The working folder or one above it: the build runs tests in its modules' folders. */
    public static Path root() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("e2e/cluster"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "e2e/cluster is neither below " + here + " nor below a folder above it: run from the project's folder");
    }
}
