package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Phase;
import dev.segue.e2e.fault.ApiRequest.Kind;
import dev.segue.e2e.stage.Migrations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API server refuses, is slow, or does not answer, at each write once and at many requests of each kind: the end is the
 * usual one.
 */
final class FailingRequests {
    private static final Logger LOG = LoggerFactory.getLogger(FailingRequests.class);

    /** For requests that are never answered; a look has some ten requests. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private static final Map<String, Fault> FAULTS = new TreeMap<>(Map.of(
            "409", new Fault.Refuse(409, "Conflict"),
            "429", new Fault.Refuse(429, "TooManyRequests", Duration.ofSeconds(1)),
            "500", new Fault.Refuse(500, "InternalError"),
            "cut", new Fault.Cut(),
            "lost-reply", new Fault.LoseReply(),
            "hang", new Fault.Hang(),
            "stall", new Fault.Stall(),
            "slow", new Fault.Delay(Duration.ofMillis(1500))));

    private record Road(String name, String spec, boolean abort, Phase end) {}

    private static final List<Road> ROADS = List.of(
            new Road("adopt", Lab.SWIFT, false, Phase.Completed),
            new Road("settle", Lab.SWIFT + "handover: {via: Settle}\n", false, Phase.Completed),
            new Road("abort", Lab.SWIFT, true, Phase.Reverted));

    private FailingRequests() {}

    /** @param seeds how many runs with faults by chance */
    static List<Experiment> all(boolean full, int seeds) {
        List<Experiment> all = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, Fault> fault : FAULTS.entrySet()) {
            for (Road road : full ? ROADS : List.of(ROADS.get(number % ROADS.size()))) {
                all.add(new Experiment(
                        "fault-%s-%s".formatted(fault.getKey(), road.name()),
                        "%s, each write once: %s".formatted(road.name(), fault.getKey()),
                        lab -> travel(lab, road, new EachWriteOnce(fault.getValue()))));
            }
            number++;
        }
        for (int i = 0; i < seeds; i++) {
            long seed = i;
            Road road = ROADS.get(i % ROADS.size());
            all.add(new Experiment(
                    "seed-%d-%s".formatted(seed, road.name()),
                    "%s, any request fails by chance, seed %d".formatted(road.name(), seed),
                    lab -> travel(lab, road, new Chance(seed))));
        }
        all.add(new Experiment("fault-watch", "watches end and expire all the time", FailingRequests::watchesEnd));
        all.add(new Experiment(
                "fault-always-500", "each create of a ReplicaSet is answered with 500", FailingRequests::always500));
        all.add(new Experiment("fault-retry-after", "429 with Retry-After is obeyed", FailingRequests::retryAfter));
        return all;
    }

    /** Counts what it did, so that a run without any fault is not taken for a success. */
    private abstract static class Counting implements Disturbance {
        final AtomicInteger faults = new AtomicInteger();
        private final AtomicInteger requests = new AtomicInteger();

        @Override
        public Fault on(ApiRequest request) {
            requests.incrementAndGet();
            Fault fault = choose(request);
            if (!(fault instanceof Fault.None)) {
                faults.incrementAndGet();
            }
            return fault;
        }

        abstract Fault choose(ApiRequest request);

        @Override
        public String toString() {
            return "%d of %d requests disturbed".formatted(faults.get(), requests.get());
        }
    }

    /** One that is the same request for the same task again, passes. */
    private static final class EachWriteOnce extends Counting {
        private final Fault fault;
        private final Set<String> struck = ConcurrentHashMap.newKeySet();

        EachWriteOnce(Fault fault) {
            this.fault = fault;
        }

        @Override
        Fault choose(ApiRequest request) {
            boolean writes = request.kind() == Kind.WRITE || request.kind() == Kind.DRY_RUN;
            return writes && struck.add(request.kind() + request.text()) ? fault : Fault.NONE;
        }
    }

    /** One request of twenty, of whatever kind, fails in one of the ways. */
    private static final class Chance extends Counting {
        private static final int OF = 20;
        private final Random random;
        private final List<Fault> ways = List.copyOf(FAULTS.values());

        Chance(long seed) {
            random = new Random(seed);
        }

        @Override
        synchronized Fault choose(ApiRequest request) {
            return random.nextInt(OF) == 0 ? ways.get(random.nextInt(ways.size())) : Fault.NONE;
        }
    }

    private static void travel(Lab lab, Road road, Counting disturbance) {
        lab.migrate(Lab.MIGRATION, Lab.to("2"), road.spec());
        lab.start(Disturbance.NONE, LIMIT).proxy().disturb(disturbance);
        if (road.abort()) {
            lab.migrations().task(Lab.MIGRATION, Phase.CuttingOver, "Propagate");
            lab.abort(Lab.MIGRATION);
        }
        lab.expectEnd(Lab.MIGRATION, road.end());
        lab.expectNothingLeft();
        LOG.info("{}: {}", lab.namespace(), disturbance);
        assertThat(disturbance.faults).as("faults").hasPositiveValue();
    }

    private static void watchesEnd(Lab lab) {
        var expired = new AtomicInteger();
        Disturbance everyOtherIsTooOld = request ->
                request.kind() == Kind.WATCH && expired.incrementAndGet() % 2 == 0 ? new Fault.Expire() : Fault.NONE;
        OperatorUnderTest operator = lab.start(everyOtherIsTooOld);
        lab.migrate(Lab.MIGRATION, Lab.to("2"), Lab.SWIFT);
        var rounds = new AtomicInteger();
        await().atMost(Migrations.PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            if (rounds.incrementAndGet() % 2 == 0) {
                operator.proxy().endWatches();
            } else {
                operator.proxy().expireWatches();
            }
            return lab.migration(Lab.MIGRATION).get().getStatus() != null
                    && lab.migration(Lab.MIGRATION).get().getStatus().isTerminal();
        });
        lab.expectEnd(Lab.MIGRATION, Phase.Completed);
        lab.expectNothingLeft();
        assertThat(expired).as("watches that were begun").hasValueGreaterThan(3);

        operator.proxy().disturb(Disturbance.NONE);
        lab.migrate("again", Lab.to("1"), Lab.SWIFT); // it still hears of new ones
        lab.expectEnd("again", Phase.Completed);
    }

    /** A webhook that is down, say: it is asked ever more seldom, the user is told, and it goes on by itself afterwards. */
    private static void always500(Lab lab) {
        List<Instant> tries = new CopyOnWriteArrayList<>();
        Disturbance noReplicaSets = request -> {
            if (request.kind() != Kind.WRITE || !request.text().equals("POST replicasets")) {
                return Fault.NONE;
            }
            tries.add(request.at());
            return new Fault.Refuse(500, "InternalError");
        };
        OperatorUnderTest operator = lab.start(noReplicaSets);
        lab.migrate(Lab.MIGRATION, Lab.to("2"), Lab.SWIFT);
        await().atMost(Migrations.PATIENCE).until(() -> tries.size() >= 7);
        Instant first = tries.getFirst();
        Instant last = tries.get(6);
        long requests = operator.proxy().requests().stream()
                .filter(r -> r.at().isAfter(first) && r.at().isBefore(last))
                .count();

        assertThat(lab.migrations().waiting(Lab.MIGRATION, "Error")).isNotNull();
        for (int i = 0; i < 6; i++) {
            assertThat(Duration.between(tries.get(i), tries.get(i + 1)))
                    .as("pause before try %d", i + 2)
                    .isGreaterThanOrEqualTo(Duration.ofMillis((long) (1000 * Math.pow(1.5, Math.max(0, i - 2)))));
        }
        assertThat(requests).as("requests for 6 tries more").isLessThan(6 * 25);

        operator.proxy().disturb(Disturbance.NONE);
        lab.expectEnd(Lab.MIGRATION, Phase.Completed);
        lab.expectNothingLeft();
    }

    private static void retryAfter(Lab lab) {
        Duration asked = Duration.ofSeconds(6);
        List<Instant> refused = new CopyOnWriteArrayList<>();
        OperatorUnderTest operator = lab.start(request -> {
            if (!"Shifting/Hold".equals(request.task()) || !refused.isEmpty()) {
                return Fault.NONE;
            }
            refused.add(request.at());
            return new Fault.Refuse(429, "TooManyRequests", asked);
        });
        lab.migrate(Lab.MIGRATION, Lab.to("2"), Lab.SWIFT);
        lab.expectEnd(Lab.MIGRATION, Phase.Completed);

        assertThat(operator.proxy().requests())
                .filteredOn(r -> r.kind() != Kind.WATCH)
                .filteredOn(r -> r.at().isAfter(refused.getFirst()))
                .as("requests in the %s after the API server asked for silence", asked)
                .noneMatch(r -> r.at().isBefore(refused.getFirst().plus(asked)));
    }
}
