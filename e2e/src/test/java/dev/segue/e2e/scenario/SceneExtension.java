package dev.segue.e2e.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.e2e.recorded.Detection;
import dev.segue.e2e.stage.Operator.Usage;
import dev.segue.e2e.stage.Prometheus.Answered;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.Stage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Gives each test its scene, and at its end checks the rules that hold for every Migration, computes its verdicts once more
 * and keeps the record. With {@code -Dsegue.keep=true} the scene of a test that failed is left as it is.
 */
final class SceneExtension implements ParameterResolver, TestExecutionExceptionHandler, AfterEachCallback {
    private static final Namespace SPACE = Namespace.create(SceneExtension.class);

    /**
     * A scene while it goes on.
     *
     * @param before what the operator had used
     * @param answered what Prometheus had answered
     */
    private record Act(Scene scene, Instant since, Usage before, Answered answered) {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Scene.class;
    }

    @Override
    public Scene resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Stage stage = Run.of(context).stage();
        Scene scene = stage.scene(name(context));
        store(context)
                .put(
                        Act.class,
                        new Act(
                                scene,
                                Instant.now(),
                                stage.operator().usage(),
                                stage.prometheus().answered()));
        return scene;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        Act act = store(context).get(Act.class, Act.class);
        throw act == null ? thrown : explained(thrown, act.scene());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Act act = store(context).get(Act.class, Act.class);
        if (act == null) {
            return;
        }
        Scene scene = act.scene();
        boolean failed = true;
        try {
            if (context.getExecutionException().isEmpty()) {
                boolean restarted = !scene.stage()
                        .operator()
                        .container()
                        .equals(act.before().container());
                Map<String, Map<String, List<Detection>>> detected = check(scene, restarted);
                ScenarioRecord.of(
                                name(context),
                                scene,
                                act.since(),
                                restarted ? null : act.before(),
                                act.answered(),
                                detected)
                        .keep();
                failed = false;
            }
        } finally {
            if (failed && Run.KEEP) {
                scene.leave();
            } else {
                scene.close();
            }
        }
    }

    /** What each Migration's metrics have detected. */
    private static Map<String, Map<String, List<Detection>>> check(Scene scene, boolean restarted) {
        try {
            Rules.check(scene, restarted);
            assertThat(scene.referee().report()).as("the referee's verdict").isEmpty();
            Map<String, Map<String, List<Detection>>> detected = new LinkedHashMap<>();
            for (String migration : scene.migrations().names()) {
                detected.put(migration, Recomputed.check(scene, migration));
            }
            return detected;
        } catch (AssertionError broken) {
            throw explained(broken, scene);
        }
    }

    private static AssertionError explained(Throwable thrown, Scene scene) {
        return new AssertionError(thrown.getMessage() + System.lineSeparator() + scene.diagnostics(), thrown);
    }

    private static Store store(ExtensionContext context) {
        return context.getStore(SPACE);
    }

    /** The test's name as Kubernetes likes names. */
    private static String name(ExtensionContext context) {
        String kebab = context.getRequiredTestMethod()
                .getName()
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
        return kebab.length() <= 63 ? kebab : kebab.substring(0, 63).replaceAll("-+$", "");
    }
}
