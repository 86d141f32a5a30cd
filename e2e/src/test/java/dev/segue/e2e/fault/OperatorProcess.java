package dev.segue.e2e.fault;

import dev.segue.Main;
import dev.segue.e2e.stage.Migrations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An operator of this build as a process, for one namespace, with leader election, behind a proxy of its own. */
final class OperatorProcess implements AutoCloseable {
    static final String LEASE = "segue-in-test";

    private final ApiProxy proxy;
    private final Process process;

    private OperatorProcess(ApiProxy proxy, Process process) {
        this.proxy = proxy;
        this.process = process;
    }

    /** @param instance its name in the Lease */
    static OperatorProcess start(ApiServer server, String namespace, String instance) throws IOException {
        var proxy = new ApiProxy(server);
        Path kubeconfig = Files.createTempFile("segue", ".yaml");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                current-context: proxy
                contexts: [{name: proxy, context: {cluster: proxy, namespace: %s}}]
                clusters: [{name: proxy, cluster: {server: "%s"}}]
                """.formatted(namespace, proxy.config().getMasterUrl()));
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("POD_NAMESPACE", namespace);
        builder.environment().put("POD_NAME", instance);
        builder.environment().put("SEGUE_WATCH_NAMESPACES", namespace);
        builder.environment().put("SEGUE_LEASE", LEASE);
        builder.environment().put("SEGUE_PORT", Integer.toString(freePort()));
        Path log = Files.createTempFile("segue-" + instance, ".log");
        return new OperatorProcess(
                proxy,
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    ApiProxy proxy() {
        return proxy;
    }

    /** Waits until it has ended by itself; answers its exit code. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the operator goes on");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        proxy.close();
    }
}
