package dev.segue.engine;

import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writing what somebody, a GitOps tool perhaps, may take back: the Services' selectors, the Deployment's template. It is
 * tried again ever more slowly: the requests are answered meanwhile, and a war over the field would help nobody.
 */
final class Contest {
    static final String WAITING = "FieldContested";

    /** From one write to the next; the last one for all that follow. */
    private static final List<Duration> PAUSES =
            List.of(Duration.ZERO, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(2));

    /** What lasted for so long, or was so long ago, is no contest. */
    private static final Duration CALM = Duration.ofMinutes(10);

    private Contest() {}

    /** How often it has been written for this version of late. */
    private static int times(@Nullable ContestStatus last, String hash, Observed o) {
        return last == null || !last.hash().equals(hash) || Timer.passed(o, last.last(), CALM) ? 0 : last.times();
    }

    /** The same with one write more, now. */
    static ContestStatus again(@Nullable ContestStatus last, String hash, Observed o) {
        return new ContestStatus(hash, times(last, hash, o) + 1, o.now());
    }

    /** Whether it was taken back so soon that the next write has to wait. */
    static boolean waits(@Nullable ContestStatus last, String hash, Observed o) {
        int times = times(last, hash, o);
        return times > 0
                && last != null
                && !Timer.passed(o, last.last(), PAUSES.get(Math.min(times, PAUSES.size()) - 1));
    }

    /** Narrows the Services, unless that was taken back just now. */
    static Outcome narrow(Observed o, String progress, String hash) {
        ContestStatus last = o.status().narrowing();
        return waits(last, hash, o)
                ? new Await(WAITING, message(o, hash, times(last, hash, o)))
                : new Act(progress, Pins.to(o, hash));
    }

    private static String message(Observed o, String hash, int times) {
        ServiceFacts taken = o.services().stream()
                .filter(s -> !hash.equals(s.pinned()))
                .findFirst()
                .orElseThrow();
        String writer = taken.selectorWriter() == null ? "somebody" : taken.selectorWriter();
        return "%s takes spec.selector of Service %s back, which was narrowed %d times: both versions serve, and nothing moves. %s"
                .formatted(writer, taken.name(), times, remedy(writer, taken.name()));
    }

    private static String remedy(String writer, String service) {
        if (writer.startsWith("argocd")) {
            return "Argo CD: in the Application, ignoreDifferences: [{kind: Service, name: %s, jsonPointers: [/spec/selector]}] and syncPolicy.syncOptions: [RespectIgnoreDifferences=true]"
                    .formatted(service);
        }
        if (writer.startsWith("kustomize-controller") || writer.startsWith("helm-controller")) {
            return "Flux: suspend the Kustomization or HelmRelease of Service %s until the Migration has ended (flux suspend)"
                    .formatted(service);
        }
        return "Let %s leave spec.selector of Service %s alone until the Migration has ended, or abort it"
                .formatted(writer, service);
    }
}
