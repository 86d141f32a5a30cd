package dev.segue.e2e.api;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Commands;
import dev.segue.e2e.cluster.Commands.Result;
import java.util.ArrayList;
import java.util.List;

/** The real {@code helm} of the cluster, in the module's folder, where {@code ../helm/segue} is the chart. */
final class Helm {
    private static final String CHART = "../helm/segue";

    private final Commands commands;

    Helm(Cluster cluster) {
        commands = new Commands(cluster.environment());
    }

    Result template(String namespace, String... options) {
        List<String> line = new ArrayList<>(List.of("helm", "template", "chart-it", CHART, "--namespace", namespace));
        line.addAll(List.of(options));
        return commands.result("", line);
    }

    Result lint() {
        return commands.result("", List.of("helm", "lint", CHART, "--strict"));
    }

    Result plainInstall() {
        return commands.result("", List.of("../manifests/render"));
    }
}
