package dev.segue.e2e.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Upstream Kubernetes as plain processes on this machine: drives the program {@code e2e/cluster}. Needs Linux and root.
 * The first start builds the programs, which takes many minutes; their progress is logged.
 */
public final class LocalCluster implements Cluster {

    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

    private final Path program;
    private final String name;
    private final List<String> upOptions;
    private final Commands commands;

    /** @param upOptions of {@code e2e/cluster up}, for example {@code --proxy iptables} */
    public LocalCluster(String name, List<String> upOptions) {
        this(name, upOptions, Map.of());
    }

    /** @param variables environment variables for {@code e2e/cluster}, beside this process's own */
    LocalCluster(String name, List<String> upOptions, Map<String, String> variables) {
        this.program = Project.root().resolve("e2e/cluster");
        this.name = name;
        this.upOptions = List.copyOf(upOptions);
        this.commands = new Commands(variables, line -> LOG.info("{}", line));
    }

    @Override
    public void build() {
        run("build", upOptions);
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
    public void restartApiServer() {
        run("restart", List.of("kube-apiserver"));
    }

    @Override
    public void stopPrometheus() {
        run("stop", List.of("prometheus"));
    }

    @Override
    public void startPrometheus() {
        run("start", List.of("prometheus"));
    }

    @Override
    public String prometheusImage() {
        return run("image", List.of("prometheus")).strip();
    }

    @Override
    public void block(String address) {
        run("block", List.of(address));
    }

    @Override
    public void unblock(String address) {
        run("unblock", List.of(address));
    }

    @Override
    public Path offerSnapshots() {
        return Path.of(run("csi", List.of()).strip());
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
        return commands.run("", line);
    }
}
