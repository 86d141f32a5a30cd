package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.api.Finding;
import dev.segue.api.Finding.Severity;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Skip;
import dev.segue.staging.TargetName;
import java.time.Duration;

/** Writes the report: the plan before anything else is written, and the whole at the end. */
final class Reporting {
    static final String TASK = "WriteReport";

    /** Two tries, as the shell repeats what is refused. No way on and no way back hangs on a report. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    /** Reason of the finding that there is no report. */
    static final String SKIPPED = "ReportSkipped";

    private Reporting() {}

    static Outcome write(Observed o) {
        if (o.migration().deleting()) {
            return Outcome.DONE; // it would go with it
        }
        String name = TargetName.report(o.migration().name());
        return switch (o.reported()) {
            case YES -> Outcome.DONE;
            case FOREIGN ->
                skip(
                        "no report is written: ConfigMap %s is not this Migration's".formatted(name),
                        "kubectl delete configmap %s, or give the Migration another name".formatted(name));
            case NO ->
                Timer.expired(o, GRACE)
                        ? skip(
                                "no report is written: ConfigMap %s could not be written within %s: %s"
                                        .formatted(name, Durations.format(GRACE), o.refusal()),
                                "the operator needs get, create and patch of ConfigMaps, and what quota and policies ask for")
                        : new Act(
                                "writing the report, ConfigMap " + name,
                                new Action.WriteReport(o.status().phaseOrPending()));
        };
    }

    private static Skip skip(String message, String remedy) {
        return new Skip(new Finding(Severity.Info, SKIPPED, message, remedy));
    }
}
