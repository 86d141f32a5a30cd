package dev.segue.e2e.benchmark;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.benchmark.InstalledOperator.Run;
import dev.segue.e2e.cluster.LocalCluster;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Measures the installed operator with many Migrations, on a cluster of its own that it leaves running.
 *
 * <p>Prints Markdown. Exit code: 0 when it was measured and nothing idle was written to, 1 when something was, 2 when it
 * could not be measured.
 */
public final class Benchmark {
    /** Until the looks that follow a start are over, and for how long idleness is watched then. */
    private static final int SETTLE_SECONDS = 20;

    private static final int IDLE_SECONDS = 20;
    private static final int QUIET_SECONDS = 10;
    private static final int SETTLE_ROUNDS = 360;
    private static final int PROBES = 15;

    /** Of the Migrations that run at once: long enough that all are in it at the same time. */
    private static final int HOLD_SECONDS = 90;

    private static final int SOAK_SECONDS = 15;
    private static final int POOLS = 10;

    private final PrintStream out = System.out;
    private final Options options;
    private final KubernetesClient client;
    private final InstalledOperator operator;
    private final Workload workload;
    private long idleWrites;

    private Benchmark(Options options, KubernetesClient client, InstalledOperator operator) {
        this.options = options;
        this.client = client;
        this.operator = operator;
        this.workload = new Workload(client);
    }

    public static void main(String[] arguments) {
        Options options = Options.of(arguments);
        int code = 2;
        try {
            code = run(options);
        } catch (IOException | RuntimeException e) {
            System.err.println("benchmark: it could not be measured: " + e);
            e.printStackTrace();
        }
        System.exit(code);
    }

    private static int run(Options options) throws IOException {
        var cluster = new LocalCluster(options.cluster(), List.of());
        cluster.start();
        Config config = cluster.config();
        config.setOnlyHttpWatches(true);
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            var operator = new InstalledOperator(cluster, client, options.values());
            try (var _ = new SimulatedNode(client)) {
                var benchmark = new Benchmark(options, client, operator);
                benchmark.measure();
                return benchmark.idleWrites == 0 ? 0 : 1;
            }
        }
    }

    private void measure() throws IOException {
        out.printf(
                "%s; load average at the start %s. Limit of the operator's memory: %s.%n%n",
                Machine.describe(client.getKubernetesVersion().getGitVersion()),
                Machine.load(),
                operator.memoryLimit());
        workload.namespace("probes");
        workload.deploy("probes", "probe", 1);
        workload.awaitReady("probes", "probe");
        if (!options.ended().isEmpty()) {
            ended();
        }
        if (options.running() > 0) {
            running();
        }
        if (!options.paused().isEmpty()) { // last: thousands of Deployments stay behind
            idle(new Paused(client, workload), options.paused());
        }
        out.printf("Load average at the end: %s%n", Machine.load());
    }

    private void ended() {
        Ended crowd;
        try (Run _ = operator.start()) {
            crowd = Ended.like(client, workload);
        }
        operator.stop();
        List<Integer> andNone = new ArrayList<>(List.of(0)); // what it takes with nothing to do
        andNone.addAll(options.ended());
        idle(crowd, andNone);
        crowd.clear();
    }

    private void idle(Crowd crowd, List<Integer> sizes) {
        var table = new Table(
                out,
                "Migrations, " + crowd.kind(),
                "start to ready, s",
                "reads in the " + SETTLE_SECONDS + " s after",
                "CPU s",
                "writes",
                "peak working set, MiB",
                "idle: working set, MiB",
                "CPU, %",
                "reads/s",
                "writes",
                "a look, ms: p50",
                "p99",
                "event to act, ms: p50",
                "p99",
                "its container ended");
        int present = 0;
        for (int size : sizes) {
            System.err.printf("benchmark: filling up to %d, %s%n", size, crowd.kind());
            crowd.fill(present, size);
            present = size;
            settle(crowd, size);
            idle(table, size);
        }
        out.println();
    }

    /** Lets the operator look at what is new to it until each is as it shall be, and it has nothing more to say. */
    private void settle(Crowd crowd, int size) {
        try (Run run = operator.start()) {
            for (int i = 0; i < SETTLE_ROUNDS; i++) {
                Window window = Window.from(operator, run).after(QUIET_SECONDS);
                if (window.did().writes() == 0 && idle(crowd) >= size) {
                    break;
                }
                System.err.printf(
                        "benchmark: settling, %.0f looks/s, %.0f writes/s%n",
                        window.looksPerSecond(), window.writesPerSecond());
            }
            if (operator.restarts(run) > 0) {
                System.err.printf(
                        "benchmark: while it looked at %d for the first time, the operator's container ended %d times%n",
                        size, operator.restarts(run));
            }
        }
        operator.stop();
        if (idle(crowd) < size) {
            throw new IllegalStateException(
                    "only %d of %d Migrations are as they shall be: %s".formatted(idle(crowd), size, crowd.kind()));
        }
    }

    private long idle(Crowd crowd) {
        return client.resources(Migration.class).inAnyNamespace().list().getItems().stream()
                .filter(crowd::idle)
                .count();
    }

    private void idle(Table table, int size) {
        try (Run run = operator.start()) {
            double startCpu = run.footprint().cpuSeconds();
            Window start = new Window.Start(operator, run, System.nanoTime(), 0, new Scrape(java.util.Map.of()))
                    .after(SETTLE_SECONDS);
            Window idle = Window.from(operator, run).after(IDLE_SECONDS);
            double workingSet = run.footprint().workingSetMiB();
            var latencies = new Latencies();
            Window busy = probe(run, latencies);
            idleWrites += start.did().writes() + idle.did().writes();
            table.row(
                    size,
                    run.secondsToReady(),
                    start.did().reads(),
                    Math.max(startCpu, start.cpuSeconds()),
                    start.did().writes(),
                    run.footprint().peakMiB(),
                    workingSet,
                    idle.cpuPercent(),
                    idle.readsPerSecond(),
                    idle.did().writes(),
                    busy.lookMillis(0.5),
                    busy.lookMillis(0.99),
                    latencies.quantile(0.5),
                    latencies.quantile(0.99),
                    operator.restarts(run));
        } catch (CompletionException | IllegalStateException e) {
            table.row(size, "not ready: " + e.getMessage());
        }
        operator.stop();
    }

    /** New Migrations, one after the other, each paused and then aborted: from the user's write to the operator's. */
    private Window probe(Run run, Latencies latencies) {
        Window.Start start = Window.from(operator, run);
        try (var seen = new Sightings(client, "probes")) {
            for (int i = 0; i < PROBES; i++) {
                String name = "probe-" + i;
                long created = System.nanoTime();
                client.resource(Workload.migration("probes", name, "probe", true, 1, 1))
                        .create();
                seen.await(name, m -> m.getStatus() != null && m.getStatus().phase() != null);
                latencies.add(created, System.nanoTime());
                seen.await(name, Workload::paused);
                long aborted = System.nanoTime();
                abort("probes", name);
                seen.await(name, m -> Workload.status(m).phaseOrPending() == Phase.Failed);
                latencies.add(aborted, System.nanoTime());
                client.resources(Migration.class)
                        .inNamespace("probes")
                        .withName(name)
                        .delete();
            }
            seen.awaitNone();
        }
        return start.end();
    }

    private void abort(String namespace, String name) {
        client.resources(Migration.class).inNamespace(namespace).withName(name).edit(m -> {
            m.getMetadata().getAnnotations().put(Migration.COMMAND_ANNOTATION, "abort");
            return m;
        });
    }

    private void running() {
        var table = new Table(
                out,
                "Migrations that run at once",
                "one of them, s: p50",
                "max",
                "in the hold: CPU, %",
                "looks/s",
                "reads/s",
                "writes/s",
                "a look, ms: p50",
                "p99",
                "event to act, ms: p50",
                "max",
                "working set, MiB",
                "peak");
        for (int count : List.of(1, options.running())) {
            try (Run run = operator.start()) {
                run(table, run, count);
            }
            operator.stop();
        }
        out.println();
    }

    private void run(Table table, Run run, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("app-%d-%d".formatted(count, i));
        }
        String namespace = "running-" + count;
        workload.namespace(namespace);
        names.forEach(name -> workload.deploy(namespace, name, 2));
        names.forEach(name -> workload.awaitReady(namespace, name));
        try (var seen = new Sightings(client, namespace)) {
            names.forEach(name -> client.resource(
                            Workload.migration(namespace, name, name, false, HOLD_SECONDS, SOAK_SECONDS))
                    .create());
            seen.awaitEach(count, m -> "Hold".equals(Workload.status(m).task()));
            Window hold = Window.from(operator, run).after(IDLE_SECONDS);
            var latencies = new Latencies();
            int aborted = Math.max(1, count / POOLS);
            for (String name : count == 1 ? List.<String>of() : names.subList(0, aborted)) {
                long at = System.nanoTime();
                abort(namespace, name);
                seen.await(name, m -> Workload.status(m).phaseOrPending() == Phase.Reverting);
                latencies.add(at, System.nanoTime());
            }
            seen.awaitEach(count, m -> Workload.status(m).isTerminal());
            var durations = new Latencies();
            for (Migration m : seen.all()) {
                @Nullable Double seconds = seconds(m);
                if (seconds != null) {
                    durations.add(0, Math.round(seconds * 1e6)); // so that the quantiles are seconds
                }
            }
            table.row(
                    count,
                    durations.quantile(0.5),
                    durations.quantile(1),
                    hold.cpuPercent(),
                    hold.looksPerSecond(),
                    hold.readsPerSecond(),
                    hold.writesPerSecond(),
                    hold.lookMillis(0.5),
                    hold.lookMillis(0.99),
                    latencies.quantile(0.5),
                    latencies.quantile(1),
                    run.footprint().workingSetMiB(),
                    run.footprint().peakMiB());
        }
        client.namespaces().withName(namespace).delete();
    }

    /** How long a completed one took; null for the others. */
    private static @Nullable Double seconds(Migration m) {
        var timeline = Workload.status(m).timelineOrEmpty();
        return Workload.completed(m)
                ? java.time.Duration.between(
                                        timeline.getFirst().at(),
                                        timeline.getLast().at())
                                .toMillis()
                        / 1000.0
                : null;
    }
}
