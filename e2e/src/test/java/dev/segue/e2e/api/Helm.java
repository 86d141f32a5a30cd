package dev.segue.e2e.api;

import dev.segue.e2e.cluster.Cluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The real {@code helm} of the cluster, in the module's folder, where {@code ../helm/segue} is the chart. */
final class Helm {
    private static final String CHART = "../helm/segue";

    private final Cluster cluster;

    Helm(Cluster cluster) {
        this.cluster = cluster;
    }

    /** @param output what it printed, errors included */
    record Result(int code, String output) {}

    /** Renders for Kubernetes' oldest version that the chart takes. */
    Result template(String namespace, String... options) {
        List<String> line = new ArrayList<>(
                List.of("helm", "template", "chart-it", CHART, "--namespace", namespace, "--kube-version", "1.30.0"));
        line.addAll(List.of(options));
        return run(line);
    }

    Result lint() {
        return run(List.of("helm", "lint", CHART, "--strict"));
    }

    Result plainInstall() {
        return run(List.of("../manifests/render"));
    }

    private Result run(List<String> line) {
        // env(1) finds the program by the PATH that it is given, not by this process's.
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/env").redirectErrorStream(true);
        builder.command().addAll(line);
        builder.environment().putAll(cluster.environment());
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = String.join("\n", process.inputReader().lines().toList());
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + line, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + line, e);
        }
    }
}
