package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Limit;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.Outcome.Staged;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.staging.StageName;
import dev.segue.staging.TargetName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Jobs of a rehearsal, one after the other. That a try begins is in the status before its Job is. An outage of the
 * operator's own does not count against the version.
 */
final class StageTests {
    /** Names of Jobs that are ours begin so. */
    static final String OWN = "segue-";

    /** Whether the network keeps the copy apart. */
    static final String ISOLATION = StageName.ISOLATION;

    /** The last scrape of the pods may still be on its way. */
    private static final Duration SCRAPE_GRACE = Duration.ofSeconds(60);

    /** What is not known in this time is told as not known. */
    private static final Duration PROBE_GRACE = Duration.ofSeconds(60);

    private static final String RUNNING = "Running";

    private StageTests() {}

    /** All of them, each until it has succeeded. */
    static Outcome run(Observed o, List<StagingSpec.Test> tests) {
        for (StagingSpec.Test test : tests) {
            Optional<TestStatus> known = Staging.status(o).test(test.name());
            if (known.filter(TestStatus::passed).isEmpty()) {
                return known.isEmpty() ? begin(o, test.name()) : pursue(o, test, known.get());
            }
        }
        return Outcome.DONE;
    }

    static Outcome begin(Observed o, String test) {
        return new Staged(Staging.status(o).with(begun(o, test)), "test %s begins".formatted(test));
    }

    private static TestStatus begun(Observed o, String test) {
        return new TestStatus(test, RUNNING, 1, o.now(), null, null);
    }

    private static Outcome pursue(Observed o, StagingSpec.Test test, TestStatus known) {
        if (known.failed()) {
            return new Fail(new Failure(
                    "StagingTestFailed",
                    "test %s failed in staging: %s".formatted(known.name(), known.message()),
                    "its log is in ConfigMap %s, key test-%s.log; repair the new version or the test, then give the command retry"
                            .formatted(TargetName.report(o.migration().name()), known.name())));
        }
        JobFacts job = job(o, known);
        if (job == null) {
            return Timer.expired(o, known.startedAt(), test.timeoutOrDefault())
                    ? failed(o, known, "its Job could not be made: " + o.refusal(), 0)
                    : start(o, known);
        }
        if (job.succeeded()) {
            return limits(o, test, known, job);
        }
        if (job.failure() != null) {
            return failed(
                    o,
                    known,
                    job.message() == null || job.message().isBlank()
                            ? job.failure()
                            : "%s; it said: %s".formatted(job.failure(), job.message()),
                    test.retriesOrDefault());
        }
        if (job.trouble() != null && Timer.expired(o, known.startedAt(), Staging.PULL_GRACE)) {
            return failed(o, known, "its pod does not start: " + job.trouble(), 0);
        }
        return new Await("test %s runs in staging, try %d of %d"
                .formatted(known.name(), known.attempt(), test.retriesOrDefault() + 1));
    }

    static @Nullable JobFacts job(Observed o, TestStatus test) {
        return Staging.stage(o).jobs().get(name(o, test));
    }

    static String name(Observed o, TestStatus test) {
        return StageName.job(test.name(), Staging.status(o).attempt(), test.attempt());
    }

    static Outcome start(Observed o, TestStatus test) {
        return new Act(
                "starting test " + test.name(),
                new Action.StartTest(Staging.status(o).namespace(), test.name(), name(o, test)));
    }

    private static Outcome limits(Observed o, StagingSpec.Test test, TestStatus known, JobFacts job) {
        StringBuilder measured = new StringBuilder();
        for (Limit limit : test.thresholdsOrEmpty()) {
            Reading reading = Staging.stage(o).limits().get(limit.name());
            switch (reading) {
                case null -> {
                    if (o.spec().analysisOrDefault().prometheus() == null) {
                        return failed(o, known, "its thresholds need analysis.prometheus, which is not there", 0);
                    }
                    return new Await("waiting for metric %s of test %s".formatted(limit.name(), known.name()));
                }
                case Reading.Value(double number)
                when number <= limit.max() ->
                    measured.append("%s %.4g of at most %.4g; ".formatted(limit.name(), number, limit.max()));
                case Reading.Value(double number) -> {
                    return failed(
                            o,
                            known,
                            "its threshold %s is exceeded: %.4g of at most %.4g"
                                    .formatted(limit.name(), number, limit.max()),
                            test.retriesOrDefault());
                }
                case Reading.Refused(String why) -> {
                    return failed(o, known, "its threshold %s cannot be read: %s".formatted(limit.name(), why), 0);
                }
                case Reading.Missing missing -> {
                    if (!Timer.expired(
                            o, known.startedAt(), test.timeoutOrDefault().plus(SCRAPE_GRACE))) {
                        return new Await(
                                "NoData",
                                "threshold %s of test %s has no data: %s"
                                        .formatted(limit.name(), known.name(), missing.why()));
                    }
                    return failed(
                            o,
                            known,
                            "its threshold %s has no data: %s".formatted(limit.name(), missing.why()),
                            test.retriesOrDefault());
                }
                default -> throw new IllegalStateException("no reading of one query: " + reading);
            }
        }
        String said = job.message() == null ? "" : job.message();
        return new Staged(
                Staging.status(o).with(ended(o, known, "Passed", measured + said)),
                new Notice(false, "StagingTestPassed", "test %s passed in staging".formatted(known.name())));
    }

    static TestStatus ended(Observed o, TestStatus test, String state, @Nullable String message) {
        return new TestStatus(
                test.name(),
                state,
                test.attempt(),
                test.startedAt(),
                o.now(),
                message == null || message.isBlank() ? null : message.strip());
    }

    static Staged failed(Observed o, TestStatus known, String why, int retries) {
        boolean again = known.attempt() <= retries;
        TestStatus next = again
                ? new TestStatus(
                        known.name(),
                        RUNNING,
                        known.attempt() + 1,
                        o.now(),
                        null,
                        "try %d: %s".formatted(known.attempt(), why))
                : ended(o, known, "Failed", why);
        return new Staged(
                Staging.status(o).with(next),
                null,
                job(o, known) == null
                        ? List.of()
                        : List.of(new Action.KeepLog(Staging.status(o).namespace(), known.name(), name(o, known))),
                again
                        ? new Notice(
                                true,
                                "StagingTestRetried",
                                "test %s failed in staging and is tried again (%d of %d): %s"
                                        .formatted(known.name(), known.attempt() + 1, retries + 1, why))
                        : null,
                "test %s failed".formatted(known.name()));
    }

    /** Why nothing of the copy may run, as it might reach production. */
    static Optional<Failure> reaching(Observed o) {
        StagingStatus status = Staging.status(o);
        String isolation = status.isolation();
        return isolation == null
                        || isolation.equals("Enforced")
                        || !Staging.spec(o).requiresIsolation()
                ? Optional.empty()
                : Optional.of(new Failure(
                        "StagingNotIsolated",
                        "isolation is %s, and spec.staging.requireIsolation is true: %s"
                                .formatted(
                                        isolation,
                                        status.test(ISOLATION)
                                                .map(TestStatus::message)
                                                .orElse("")),
                        "use a network plugin that enforces NetworkPolicies, or set it to false"));
    }

    /** A destination that must be blocked is tried, and one that must not. What cannot be tried is not known. */
    static Outcome isolation(Observed o) {
        StagingStatus status = Staging.status(o);
        if (status.isolation() != null) {
            return Outcome.DONE;
        }
        Optional<TestStatus> known = status.test(ISOLATION);
        if (!Staging.stage(o).probed()) {
            return isolated(
                    o,
                    begun(o, ISOLATION),
                    Isolation.unknown("the operator does not know its own image, which holds the probe (SEGUE_IMAGE)"));
        }
        if (known.isEmpty()) {
            return begin(o, ISOLATION);
        }
        JobFacts job = job(o, known.get());
        if (job == null) {
            return Timer.expired(o, known.get().startedAt(), PROBE_GRACE)
                    ? isolated(o, known.get(), Isolation.unknown("the probe could not be started: " + o.refusal()))
                    : start(o, known.get());
        }
        if (job.succeeded() && job.message() != null) {
            return isolated(o, known.get(), Isolation.read(job.message()));
        }
        if (job.failure() != null || job.succeeded()) {
            return isolated(
                    o,
                    known.get(),
                    Isolation.unknown(
                            "the probe failed: " + Objects.requireNonNullElse(job.failure(), "it said nothing")));
        }
        if (job.trouble() != null && Timer.expired(o, known.get().startedAt(), Staging.PULL_GRACE)) {
            return isolated(o, known.get(), Isolation.unknown("the probe does not start: " + job.trouble()));
        }
        return new Await("probing whether the network keeps staging apart");
    }

    private static Outcome isolated(Observed o, TestStatus known, Isolation found) {
        StagingStatus next = Staging.status(o)
                .with(ended(o, known, "Passed", found.message()))
                .isolated(found.answer());
        return found.answer().equals("Enforced")
                ? new Staged(next, found.message())
                : new Staged(next, new Notice(true, "StagingNotIsolated", found.message()));
    }
}
