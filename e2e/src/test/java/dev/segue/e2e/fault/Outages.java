package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The operator is away in each phase. Nothing moves meanwhile; afterwards it goes on, and has shortened no wait. {@code
 * -Dsegue.outage=3m} keeps it away for longer.
 */
final class Outages {
    private static final Duration OUTAGE =
            Duration.parse("PT" + System.getProperty("segue.outage", "10s").toUpperCase(Locale.ROOT));

    /** Longer than the outage, so that what is left of a hold is seen. */
    private static final Duration STAY = OUTAGE.plusSeconds(15);

    private Outages() {}

    static List<Experiment> all() {
        return Station.all(STAY.toSeconds()).stream()
                .map(station -> new Experiment(
                        "away-" + station.name(),
                        "the operator is away in %s for %s".formatted(station.task(), OUTAGE),
                        lab -> away(lab, station)))
                .toList();
    }

    private static void away(Lab lab, Station station) {
        OperatorUnderTest first = lab.start();
        station.enter(lab);
        first.crash();
        awaitStillness(lab, station);
        Map<String, String> before = versions(lab);
        Instant left = Instant.now();

        await().pollDelay(OUTAGE).atMost(OUTAGE.plusMinutes(1)).until(() -> true);
        assertThat(versions(lab)).as("nothing moves while the operator is away").isEqualTo(before);
        assertThat(lab.migrations()
                        .history(Lab.MIGRATION)
                        .getLast()
                        .getMetadata()
                        .getResourceVersion())
                .isEqualTo(before.get("Migration/" + Lab.MIGRATION));

        Instant back = Instant.now();
        assertThat(Duration.between(left, back)).isGreaterThanOrEqualTo(OUTAGE);
        lab.start();
        lab.expectEnd(Lab.MIGRATION, station.end());
        assertWaited(lab, station, back);
        lab.expectNothingLeft();
    }

    /** A hold is as long as asked for; a proof or a drain is waited for by the new operator in full. */
    private static void assertWaited(Lab lab, Station station, Instant back) {
        List<Migration> history = lab.migrations().history(Lab.MIGRATION);
        int next = 1;
        while (!station.holds(history.get(next - 1)) || station.holds(history.get(next))) {
            next++;
        }
        MigrationStatus during = Migrations.status(history.get(next - 1));
        Instant over = Objects.requireNonNullElse(
                Migrations.status(history.get(next)).taskSince(),
                Objects.requireNonNull(Migrations.status(history.get(next)).phaseSince()));
        switch (during.task()) {
            case "Hold", "Soak" ->
                // A soak is counted from the phase's beginning, whose tasks take their time before it on a busy
                // machine.
                assertThat(Duration.between(
                                Objects.requireNonNull(
                                        Objects.requireNonNull(during.step()).holdSince()),
                                over))
                        .as("hold")
                        .isGreaterThanOrEqualTo(STAY);
            case "AwaitTarget", "Propagate", "DrainSource", "DrainTarget" ->
                assertThat(Duration.between(back, over))
                        .as("wait of the new operator")
                        .isGreaterThanOrEqualTo(STAY);
            case null, default -> throw new IllegalStateException("how long is " + station.task() + "?");
        }
    }

    /** What Kubernetes had begun is done. */
    private static void awaitStillness(Lab lab, Station station) {
        var last = new ArrayList<Map<String, String>>();
        await().atMost(Migrations.PATIENCE).pollInterval(Duration.ofSeconds(2)).until(() -> {
            last.add(versions(lab));
            return last.size() > 2 && last.getLast().equals(last.get(last.size() - 2));
        });
        assertThat(station.holds(lab.migration(Lab.MIGRATION).require()))
                .as("it stays at its task")
                .isTrue();
    }

    /** Of all objects: of ours and of Services each write, of the others what is wanted; a busy machine misses probes. */
    private static Map<String, String> versions(Lab lab) {
        var client = lab.client();
        String namespace = lab.namespace();
        Map<String, String> versions = new TreeMap<>();
        Stream.<List<? extends HasMetadata>>of(
                        client.resources(Migration.class)
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.apps()
                                .deployments()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.apps()
                                .replicaSets()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.services().inNamespace(namespace).list().getItems(),
                        client.discovery()
                                .v1()
                                .endpointSlices()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.pods().inNamespace(namespace).list().getItems())
                .flatMap(List::stream)
                .forEach(o -> versions.put(o.getKind() + "/" + o.getMetadata().getName(), version(o)));
        return versions;
    }

    private static String version(HasMetadata o) {
        return o instanceof Migration || o instanceof Service
                ? o.getMetadata().getResourceVersion()
                : o.getMetadata().getUid() + " " + o.getMetadata().getGeneration();
    }
}
