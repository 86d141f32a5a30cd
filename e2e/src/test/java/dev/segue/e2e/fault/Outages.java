package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.e2e.fault.Station.Stay;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
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

    /** In so much time a look comes to its end. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    private Outages() {}

    static List<Experiment> all() {
        return Stations.all(STAY.toSeconds()).stream()
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
        Migration stays = lab.migrations().history(Lab.MIGRATION).getLast();
        assertThat(stays.getMetadata().getResourceVersion()).isEqualTo(before.get("Migration/" + Lab.MIGRATION));

        Instant back = Instant.now();
        assertThat(Duration.between(left, back)).isGreaterThanOrEqualTo(OUTAGE);
        OperatorUnderTest second = lab.start();
        if (station.stay() instanceof Stay.Deed) {
            awaitPatience(second, Migrations.status(stays));
        }
        Instant released = Instant.now();
        station.release(lab);
        lab.expectEnd(Lab.MIGRATION, station.end());
        Instant over = over(lab, station);
        switch (station.stay()) {
            case Stay.Hold _ ->
                assertThat(Duration.between(holdSince(stays), over)).as("hold").isGreaterThanOrEqualTo(STAY);
            case Stay.Watch _ ->
                assertThat(Duration.between(back, over))
                        .as("wait of the new operator")
                        .isGreaterThanOrEqualTo(STAY);
            case Stay.Deed _ -> assertThat(over).as("when it goes on").isAfterOrEqualTo(released);
        }
        lab.expectNothingLeft();
        assertThat(lab.copies()).as("copies of production").isEmpty();
    }

    /** By then a deadline would be over that had gone on while nobody was there, and this operator has looked. */
    private static void awaitPatience(OperatorUnderTest operator, MigrationStatus stays) {
        Instant until = Objects.requireNonNull(stays.taskSince()).plus(STAY);
        await().atMost(STAY.plus(Migrations.PATIENCE))
                .until(() -> Instant.now().isAfter(until) && operator.looks(Lab.MIGRATION) > 0);
        await().pollDelay(LOOK).until(() -> true);
    }

    /** A soak is counted from the phase's beginning, whose tasks take their time before it on a busy machine. */
    private static Instant holdSince(Migration m) {
        return Objects.requireNonNull(
                Objects.requireNonNull(Migrations.status(m).step()).holdSince());
    }

    /** When it went on. */
    private static Instant over(Lab lab, Station station) {
        List<Migration> history = lab.migrations().history(Lab.MIGRATION);
        int next = 1;
        while (!station.holds(history.get(next - 1)) || station.holds(history.get(next))) {
            next++;
        }
        MigrationStatus status = Migrations.status(history.get(next));
        return Objects.requireNonNullElse(status.taskSince(), Objects.requireNonNull(status.phaseSince()));
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

    /** Of all objects here and in the copy, if there is one. */
    private static Map<String, String> versions(Lab lab) {
        Map<String, String> versions = new TreeMap<>();
        objects(lab.client(), lab.namespace())
                .forEach(o -> versions.put(o.getKind() + "/" + o.getMetadata().getName(), version(o)));
        for (String copy : lab.copies()) {
            objects(lab.client(), copy)
                    .forEach(o -> versions.put(
                            "%s/%s in %s".formatted(o.getKind(), o.getMetadata().getName(), copy), version(o)));
        }
        return versions;
    }

    private static Stream<? extends HasMetadata> objects(KubernetesClient client, String namespace) {
        return Stream.<List<? extends HasMetadata>>of(
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
                .flatMap(List::stream);
    }

    /** Of ours and of Services each write, of the others what is wanted: a busy machine misses probes. */
    private static String version(HasMetadata o) {
        return o instanceof Migration || o instanceof Service
                ? o.getMetadata().getResourceVersion()
                : o.getMetadata().getUid() + " " + o.getMetadata().getGeneration();
    }
}
