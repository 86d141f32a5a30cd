package dev.segue.e2e.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upstream Kubernetes as plain processes on this machine: drives the program {@code e2e/cluster}. Needs Linux and root.
 * The first start builds the programs, which takes many minutes; their progress is logged.
 */
public final class LocalCluster implements Cluster {

    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
    private static final int LINES_IN_MESSAGE = 20;

    private final Path program;
    private final String name;
    private final List<String> upOptions;
    private final Map<String, String> variables;

    /** @param upOptions of {@code e2e/cluster up}, for example {@code --proxy iptables} */
    public LocalCluster(String name, List<String> upOptions) {
        this(name, upOptions, Map.of());
    }

    /** @param variables environment variables for {@code e2e/cluster}, beside this process's own */
    LocalCluster(String name, List<String> upOptions, Map<String, String> variables) {
        this.program = find();
        this.name = name;
        this.upOptions = List.copyOf(upOptions);
        this.variables = Map.copyOf(variables);
    }

    @Override
    public void start() {
        run("up", upOptions);
    }

    @Override
    public Path kubeconfig() {
        return Path.of(run("kubeconfig", List.of()).strip());
    }

    @Override
    public Map<String, String> environment() {
        var kubeconfig = kubeconfig();
        var commands = kubeconfig.resolveSibling("commands");
        return Map.of(
                "KUBECONFIG", kubeconfig.toString(), "PATH", commands + File.pathSeparator + System.getenv("PATH"));
    }

    @Override
    public void load(Path archive) {
        run("load", List.of(archive.toAbsolutePath().toString()));
    }

    @Override
    public void kill(String namespace, String pod, String container) {
        run("kill", List.of(namespace + "/" + pod + "/" + container));
    }

    @Override
    public void stop() {
        run("down", List.of());
    }

    @Override
    public String toString() {
        return "local cluster " + name;
    }

    /** Returns what the command prints on standard output; its progress goes to the log. */
    private String run(String command, List<String> arguments) {
        var line = new ArrayList<>(List.of(program.toString(), command, "--name", name));
        line.addAll(arguments);
        var builder = new ProcessBuilder(line);
        builder.environment().putAll(variables);
        Process process;
        try {
            process = builder.start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + program, e);
        }
        var progress = new CompletableFuture<String>();
        var output = new CompletableFuture<String>();
        Thread.startVirtualThread(() -> progress.complete(follow(process)));
        Thread.startVirtualThread(() -> output.complete(String.join(
                System.lineSeparator(), process.inputReader().lines().toList())));
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(String.join(" ", line) + " ended with exit code " + code + ":"
                        + System.lineSeparator() + progress.get());
            }
            return output.get();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during e2e/cluster " + command, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read the output of e2e/cluster " + command, e.getCause());
        }
    }

    private static String follow(Process process) {
        var last = new ArrayDeque<String>();
        process.errorReader().lines().forEach(text -> {
            LOG.info("{}", text);
            last.add(text);
            if (last.size() > LINES_IN_MESSAGE) {
                last.remove();
            }
        });
        return String.join(System.lineSeparator(), last);
    }

    /** Finds {@code e2e/cluster} in the working folder or above: the build runs tests in its modules' folders. */
    static Path find() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            var program = folder.resolve("e2e/cluster");
            if (Files.isRegularFile(program)) {
                return program;
            }
        }
        throw new IllegalStateException("e2e/cluster is neither below "
                + Path.of("").toAbsolutePath() + " nor below a folder above it:" + " run from the project's folder");
    }
}
