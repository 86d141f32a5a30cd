package dev.segue.engine;

import dev.segue.api.MigrationStatus.NarrowingStatus;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import java.time.Duration;
import java.util.List;

/**
 * Narrowing the Services where somebody, a GitOps tool perhaps, may take it back. It is tried again ever more slowly: both
 * versions serve meanwhile, and a war over the field would help nobody.
 */
final class Contest {
    static final String WAITING = "FieldContested";

    /** From one narrowing to the next; the last one for all that follow. */
    private static final List<Duration> PAUSES =
            List.of(Duration.ZERO, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(2));

    /** What lasted for so long, or was so long ago, is no contest. */
    private static final Duration CALM = Duration.ofMinutes(10);

    private Contest() {}

    /** How often the Services have been narrowed to these pods of late. */
    static int times(Observed o, String hash) {
        NarrowingStatus last = o.status().narrowing();
        return last == null || !last.hash().equals(hash) || Timer.passed(o, last.last(), CALM) ? 0 : last.times();
    }

    /** Narrows the Services, unless that was taken back just now. */
    static Outcome narrow(Observed o, String progress, String hash) {
        int times = times(o, hash);
        NarrowingStatus last = o.status().narrowing();
        boolean now = times == 0
                || last == null
                || Timer.passed(o, last.last(), PAUSES.get(Math.min(times, PAUSES.size()) - 1));
        return now ? new Act(progress, Pins.to(o, hash)) : new Await(WAITING, message(o, hash, times));
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
