package dev.segue.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** The script that Argo CD runs, run on statuses as the operator writes them. */
class ArgoHealthTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    # status                                                                   | health      | message
                    ''                                                                         | Progressing | Segue has not looked at it yet
                    'phase: Pending'                                                           | Progressing | Segue has not looked at it yet
                    'observedGeneration: 1, conditions: [{type: Ready, status: "True", message: done}]' | Progressing | Segue has not looked at the latest change yet
                    'observedGeneration: 2, conditions: [{type: Ready, status: "True", message: done}]' | Healthy | done
                    'observedGeneration: 2, conditions: [{type: Ready, status: "False", message: m}, {type: Reconciling, status: "True", message: at work}]' | Progressing | at work
                    'observedGeneration: 2, conditions: [{type: Ready, status: "False", message: m}, {type: Stalled, status: "True", message: 5xx above the limit}]' | Degraded | 5xx above the limit
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: Paused, message: spec.paused}]' | Suspended | spec.paused
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Planned, status: "True"}, {type: Waiting, status: "True", reason: Planned, message: the plan stands}]' | Suspended | the plan stands
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: CheckFailed, message: held}]' | Suspended | held
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: FieldContested, message: Git}]' | Suspended | Git
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: SourceDiverged, message: another template}]' | Suspended | another template
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: DeploymentPaused, message: resume it}]' | Suspended | resume it
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: ServiceGone, message: create it again}]' | Suspended | create it again
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: Inconclusive, message: too few requests}]' | Suspended | too few requests
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: AnalysisRefused, message: correct the query}]' | Suspended | correct the query
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: r}, {type: Waiting, status: "True", reason: StagingStale, message: promote or abort}]' | Suspended | promote or abort
                    'observedGeneration: 2, conditions: [{type: Reconciling, status: "True", message: draining}, {type: Waiting, status: "True", reason: Draining, message: clients}]' | Progressing | draining
                    'observedGeneration: 2, phase: Shifting, conditions: []'                   | Progressing | Shifting
                    """)
    void tellsTheHealth(String status, String health, String message) throws IOException {
        String migration =
                "metadata: {name: shop, generation: 2}\n" + (status.isEmpty() ? "" : "status: {%s}".formatted(status));
        Globals lua = JsePlatform.standardGlobals();
        lua.set("obj", lua(Serialization.unmarshal(migration, Map.class)));

        LuaValue result = lua.load(Files.readString(Path.of("../manifests/gitops/argocd-health.lua")))
                .call();

        assertThat(result.get("status").tojstring()).isEqualTo(health);
        assertThat(result.get("message").tojstring()).isEqualTo(message);
    }

    private static LuaValue lua(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                LuaTable table = new LuaTable();
                map.forEach((key, child) -> table.set(String.valueOf(key), lua(child)));
                yield table;
            }
            case List<?> list ->
                LuaValue.listOf(list.stream().map(ArgoHealthTest::lua).toArray(LuaValue[]::new));
            case Number number -> LuaValue.valueOf(number.doubleValue());
            default -> LuaValue.valueOf(String.valueOf(value));
        };
    }
}
