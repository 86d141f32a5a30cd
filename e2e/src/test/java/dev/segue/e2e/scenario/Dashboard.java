package dev.segue.e2e.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.e2e.cluster.Project;
import dev.segue.e2e.stage.Scene;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The chart's dashboard, asked of the cluster's Prometheus as Grafana asks it. */
public final class Dashboard {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Dashboard() {}

    /** The panels, and the variables, for which there is nothing to draw now. */
    public static List<String> empty(Scene scene, String migration) throws IOException {
        JsonNode dashboard = JSON.readTree(Files.readString(Project.root().resolve("helm/segue/files/dashboard.json")));
        List<String> empty = new ArrayList<>();
        for (JsonNode variable : dashboard.path("templating").path("list")) {
            String query = variable.path("query").path("query").asText();
            if (!query.isEmpty() && ask(scene, migration, query.replaceAll("^label_values\\((.*), *\\w+\\)$", "$1"))) {
                empty.add("variable " + variable.path("name").asText());
            }
        }
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                if (ask(scene, migration, target.path("expr").asText())) {
                    empty.add("%s: %s"
                            .formatted(
                                    panel.path("title").asText(),
                                    target.path("expr").asText()));
                }
            }
        }
        return empty;
    }

    /** Whether there is nothing. */
    private static boolean ask(Scene scene, String migration, String expression) {
        String query = expression
                .replace("$namespace", scene.namespace())
                .replace("$migration", migration)
                .replace("$metric", ".*");
        return scene.stage().prometheus().query(query).isEmpty();
    }
}
