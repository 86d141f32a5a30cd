package dev.segue.e2e.stage;

import dev.segue.e2e.witness.RequestRecord;
import java.util.List;
import java.util.function.Supplier;

/** The state of a scene in words. What cannot be had is told as such: this is for when things are broken. */
final class Diagnostics {
    private static final int FAILURES = 15;

    private final Scene scene;
    private final List<WitnessPod> witnesses;

    Diagnostics(Scene scene, List<WitnessPod> witnesses) {
        this.scene = scene;
        this.witnesses = witnesses;
    }

    String text() {
        var text = new StringBuilder();
        for (String name : scene.migrations().names()) {
            section(
                    text,
                    "where Migration " + name + " was when",
                    () -> scene.migrations().trail(name));
        }
        for (WitnessPod witness : witnesses) {
            section(text, "first failed requests", () -> failures(witness));
        }
        section(text, "Migrations", () -> scene.kubectl("get", "migrations", "-o", "yaml"));
        section(
                text,
                "objects",
                () -> scene.kubectl(
                        "get", "deployments,replicasets,pods,services,endpointslices", "-o", "wide", "--show-labels"));
        section(text, "events", () -> scene.kubectl("get", "events", "--sort-by=.metadata.creationTimestamp"));
        section(text, "operator's log", () -> scene.stage().operator().log(scene.namespace()));
        return text.toString();
    }

    private static String failures(WitnessPod witness) {
        List<RequestRecord> failures = witness.failures();
        var text = new StringBuilder(
                "%d of %s%n".formatted(failures.size(), witness.summary().requests()));
        failures.stream()
                .limit(FAILURES)
                .forEach(f -> text.append("  ").append(f).append(System.lineSeparator()));
        return text.toString();
    }

    private static void section(StringBuilder text, String title, Supplier<String> content) {
        String body;
        try {
            body = content.get();
        } catch (RuntimeException e) {
            body = "cannot be had: " + e.getMessage();
        }
        text.append("%n--- %s%n%s".formatted(title, body));
    }
}
