package dev.segue.engine;

import dev.segue.api.Analysis;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.Component;
import dev.segue.api.Deadline;
import dev.segue.api.Handover;
import dev.segue.api.Metric;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationSpec.Mode;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.PrometheusSource;
import dev.segue.api.Step;
import dev.segue.api.Verify;
import dev.segue.api.Verify.OnTimeout;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Migration's spec with short times, to be changed by a test. */
final class Spec {
    boolean paused;

    @Nullable
    Mode mode;

    @Nullable
    List<Step> steps = List.of(new Step(25, "1m"), new Step(50, "1m"), new Step(100, "2m"));

    @Nullable
    Analysis analysis;

    @Nullable
    Verify verify = new Verify("15s", new Verify.Drain(null, null, "30s", null, null));

    Handover.@Nullable Via via;

    @Nullable
    OnFailure onFailure;

    @Nullable
    Deadline deadline = new Deadline("5m", "6h");

    Map<String, String> images = Map.of("app", "shop:2");

    MigrationSpec build() {
        return new MigrationSpec(
                mode,
                paused ? true : null,
                List.of(new Component("shop", null, null, images, null)),
                steps,
                null,
                analysis,
                verify,
                via == null ? null : new Handover(null, via),
                onFailure,
                deadline);
    }

    /** Everything that has a default is left out. */
    Spec bare() {
        steps = null;
        verify = null;
        deadline = null;
        return this;
    }

    Spec via(Handover.Via way) {
        via = way;
        return this;
    }

    Spec onFailure(OnFailure then) {
        onFailure = then;
        return this;
    }

    /** One metric, evaluated every 10 s, that fails at 3 of 5 above 10. */
    Spec metric() {
        analysis = Analysis.of(
                new PrometheusSource("http://prometheus:9090", null, null, null, null),
                "10s",
                List.of(Metric.limited("errors", "errors", new Metric.Threshold(10, null, null))));
        return this;
    }

    /** One comparison in intervals of 10 s, and one step beside the soak. */
    Spec compares(Step.Gate gate, OnInconclusive policy) {
        steps = List.of(new Step(25, "1m", gate), new Step(100, "2m"));
        analysis = new Analysis(
                new PrometheusSource("http://prometheus:9090", null, null, null, null),
                "10s",
                "5s",
                "10s",
                100,
                null,
                "10m",
                "5m",
                policy,
                null,
                null,
                List.of(new Metric(
                        "errors", "http-server/error-ratio", null, null, null, null, null, null, null, null)));
        return this;
    }

    Spec drainByQuery(OnTimeout onTimeout) {
        verify = new Verify("15s", new Verify.Drain("requests", "10s", null, "3m", onTimeout));
        return this;
    }
}
