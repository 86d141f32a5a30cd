package dev.segue.e2e.demo;

import com.fasterxml.jackson.databind.SerializationFeature;
import dev.segue.api.Analysis;
import dev.segue.api.Metric;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.e2e.cluster.LocalCluster;
import dev.segue.e2e.demo.Report.Moved;
import dev.segue.e2e.demo.Report.Promise;
import dev.segue.e2e.demo.Report.Stretch;
import dev.segue.e2e.demo.Report.Verdict;
import dev.segue.e2e.recorded.Detection;
import dev.segue.e2e.recorded.Recount;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Operator;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.stage.Stage;
import dev.segue.e2e.stage.WitnessPod;
import dev.segue.e2e.witness.Json;
import dev.segue.e2e.witness.Summary;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Shows on a cluster of its own how a good version takes over and how a bad one is taken back, under load.
 *
 * <p>With the argument {@code --keep} a load goes on in the end.
 *
 * <p>Exit code: 0 when every promise was kept, 1 when one was not, 2 when the demo could not be run to its end. The
 * cluster is left running: {@code ./demo} ends it.
 */
public final class Demo {
    private static final String NAMESPACE = "demo";
    private static final String RUN = "{\"mode\":\"Run\"}";
    private static final Path FOLDER = Path.of("target/demo");
    private static final Duration TICK = Duration.ofSeconds(1);

    /** The longest that one Migration may take before something must be wrong. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** A line is printed when something changed, but for the rates, and at least this often. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    /** The load goes on this long after the end: what was left behind wrongly would fail now. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(3);

    private final Instant start;
    private final PrintStream out;
    private final Scene scene;

    private Demo(Instant start, PrintStream out, Scene scene) {
        this.start = start;
        this.out = out;
        this.scene = scene;
    }

    public static void main(String[] arguments) throws IOException {
        Instant start = Instant.now();
        PrintStream out = System.out;
        int code = 2;
        try {
            Stage stage = Stage.open(new LocalCluster("demo", List.of()), out::println);
            Scene scene = stage.scene(NAMESPACE);
            try {
                code = new Demo(start, out, scene).play() ? 0 : 1;
                if (List.of(arguments).contains("--keep")) {
                    scene.witness(
                            Load.BRISK); // for whoever looks around: metrics have data, and further moves are seen
                }
            } finally {
                if (code != 0) {
                    Path file = Files.writeString(
                            Files.createDirectories(FOLDER).resolve("diagnostics.txt"), scene.diagnostics());
                    out.println("The state of the cluster's objects and the operator's log: " + file);
                }
                scene.leave();
                stage.leave();
            }
        } catch (RuntimeException e) {
            out.println("The demo could not be run: " + e.getMessage());
        }
        System.exit(code);
    }

    private boolean play() throws IOException {
        var good = new Change("1.0.0", "2.0.0", true);
        var bad = new Change("2.0.0", "3.0.0", false);
        Files.createDirectories(FOLDER);

        out.println("deploying shop 1.0.0: 4 pods that die at once when they are told to stop");
        scene.deploy(ShopDeployment.version(good.from()));

        title("1. A good version: shop 2.0.0, rehearsed in a copy of production first");
        out.println(good.manifest().indent(4).stripTrailing());
        var soaked = new TreeSet<String>();
        Moved first = move(good, soaked);
        List<Promise> promises =
                new ArrayList<>(Promises.completed(first, soaked, identities(good.to()), scene.traces()));
        show(first, promises);
        detected(good);
        keepReport(good);

        title("2. A broken version: shop 3.0.0 answers 5 % of its requests with 500");
        out.printf("    The same Migration with other names: %s, %s%n", bad.name(), ShopDeployment.image(bad.to()));
        Moved second = move(bad, new TreeSet<>());
        List<Promise> more = Promises.reverted(second, scene.traces());
        show(second, more);
        detected(bad);
        promises.addAll(more);

        var report = new Report(
                versions(),
                start,
                Report.seconds(Duration.between(start, Instant.now())),
                List.of(first, second),
                promises);
        Path file = FOLDER.resolve("summary.json");
        Json.MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
        title(report.kept() ? "Every promise was kept" : "A PROMISE WAS BROKEN");
        out.printf("    %.0f s in all. The same for machines: %s%n", report.seconds(), file);
        return report.kept();
    }

    /** Applies the Migration under load and tells about it until it has ended. */
    private Moved move(Change change, Set<String> soaked) {
        WitnessPod witness = scene.witness(Load.BRISK);
        out.printf(
                "%nThe load: new connections, kept connections and requests of 2 s, together %.0f requests/s%n",
                Load.BRISK.fresh() + Load.BRISK.keepAlive() + Load.BRISK.slow());
        Instant applied = Instant.now();
        out.printf("$ kubectl apply -f %s.yaml%n", change.name());
        scene.apply(change.manifest());
        if (change.rehearsed()) {
            run(change);
        }
        out.printf("%n%s%n", Look.header(change.from(), change.to()));
        MigrationStatus last = follow(change, witness, applied, soaked);
        Summary summary = witness.stop();
        Transition end = last.timelineOrEmpty().getLast();
        Cause cause = last.cause();
        return new Moved(
                change.name(),
                change.from(),
                change.to(),
                last.phaseOrPending().name(),
                last.handover() == null ? Look.NOTHING : last.handover(),
                Report.seconds(Duration.between(applied, end.at())),
                summary.requests(),
                summary.failures(),
                Report.traffic(summary),
                Migrations.durations(scene.migrations().history(change.name()).getLast()).entrySet().stream()
                        .map(e -> new Stretch(e.getKey().name(), Report.seconds(e.getValue())))
                        .toList(),
                cause == null
                        ? new Verdict(end.reason(), end.message())
                        : new Verdict(cause.reason(), cause.message()));
    }

    /** Shows what is planned, and then has it run. */
    private void run(Change change) {
        scene.migrations().reached(change.name(), Phase.Planned);
        out.printf(
                "%n  Planned. Nothing is written yet but its report (kubectl get configmap %s):%n%n", report(change));
        section(change, "### The steps");
        out.printf("$ kubectl patch migration %s --type=merge -p '{\"spec\":%s}'%n", change.name(), RUN);
        scene.patchSpec(change.name(), RUN);
    }

    private MigrationStatus follow(Change change, WitnessPod witness, Instant applied, Set<String> soaked) {
        Summary before = witness.summary();
        Instant looked = Instant.now();
        var teller = new Teller(out, change, applied, SILENCE);
        while (true) {
            pause(looked.plus(TICK));
            Summary seen = witness.summary();
            Instant now = Instant.now();
            Map<String, Look.Version> versions = versions(change, before, seen, Duration.between(looked, now));
            MigrationStatus status = scene.migrations().history(change.name()).stream()
                    .reduce((earlier, later) -> later)
                    .map(Migrations::status)
                    .orElse(MigrationStatus.EMPTY);
            Duration elapsed = Duration.between(applied, now);
            teller.tell(status.timelineOrEmpty(), Look.at(elapsed, status, versions, seen.failures()));
            if (status.phaseOrPending() == Phase.Soaking) {
                soaked.clear();
                soaked.addAll(identities(change.to()));
            }
            if (status.isTerminal()
                    && !now.isBefore(status.timelineOrEmpty().getLast().at().plus(AFTERWARDS))) {
                return status;
            }
            if (elapsed.compareTo(PATIENCE) > 0) {
                throw new IllegalStateException("Migration %s has not ended after %d s; it is in phase %s, task %s"
                        .formatted(change.name(), elapsed.toSeconds(), status.phase(), status.task()));
            }
            before = seen;
            looked = now;
        }
    }

    private Map<String, Look.Version> versions(Change change, Summary before, Summary now, Duration between) {
        Map<String, List<Pod>> pods = scene.shopPods().stream().collect(Collectors.groupingBy(Demo::version));
        var versions = new TreeMap<String, Look.Version>();
        for (String version : List.of(change.from(), change.to())) {
            List<Pod> all = pods.getOrDefault(version, List.of());
            versions.put(
                    version,
                    new Look.Version(
                            (int) all.stream().filter(Readiness::isPodReady).count(),
                            all.size(),
                            Look.rate(before, now, version, between)));
        }
        return versions;
    }

    private static String version(Pod pod) {
        String image = pod.getSpec().getContainers().getFirst().getImage();
        return image.substring(image.lastIndexOf(':') + 1);
    }

    /** UID and restarts of each pod of a version: the same text is the same process. */
    private Set<String> identities(String version) {
        return scene.shopPods().stream()
                .filter(p -> version(p).equals(version))
                .map(p -> p.getMetadata().getUid() + " restarted "
                        + p.getStatus().getContainerStatuses().stream()
                                .mapToInt(c -> c.getRestartCount())
                                .sum())
                .collect(Collectors.toSet());
    }

    private Map<String, String> versions() {
        var versions = new LinkedHashMap<String, String>();
        versions.put("segue", operatorVersion());
        versions.put("kubernetes", scene.stage().client().getKubernetesVersion().getGitVersion());
        versions.put("java", Runtime.version().toString());
        versions.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return versions;
    }

    private String operatorVersion() {
        return scene.stage().client().pods().inNamespace(Operator.NAMESPACE).list().getItems().stream()
                .map(Demo::version)
                .findFirst()
                .orElse("unknown");
    }

    private void show(Moved moved, List<Promise> promises) {
        out.printf("%n%s%n%n%s%n", Tables.requests(moved), Tables.phases(moved));
        out.printf(
                "  Because: %s: %s%n%n%s%n",
                moved.verdict().reason(), moved.verdict().message(), Tables.promises(promises));
    }

    /** What was decided from the requests that Prometheus has counted, and what thresholds would have made of them. */
    private void detected(Change change) {
        List<Migration> history = scene.migrations().history(change.name());
        Analysis analysis = history.getLast().getSpec().analysisOrDefault();
        out.println("  From the same requests, as Prometheus has counted them:");
        for (Metric metric : analysis.comparing()) {
            List<Recount> recounts = Recount.all(scene.stage().prometheus()::samples, history, metric.name());
            Detection.all(recounts, analysis.intervalOrDefault()).forEach(d -> out.printf("  %s%n", d.text()));
        }
    }

    /** Keeps the report, and tells what the rehearsal found. */
    private void keepReport(Change change) throws IOException {
        Path file = FOLDER.resolve(report(change) + ".md");
        Files.writeString(file, reported(change));
        out.printf("%n  From its report (kubectl get configmap %s; here %s):%n%n", report(change), file);
        section(change, "## Staging");
    }

    private static String report(Change change) {
        return change.name() + "-report";
    }

    private String reported(Change change) {
        return scene.kubectl("get", "configmap", report(change), "-o", "jsonpath={.data.report\\.md}");
    }

    private void section(Change change, String title) {
        reported(change)
                .lines()
                .dropWhile(line -> !line.equals(title))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> !line.isBlank())
                .forEach(line -> out.printf("  %s%n", line));
        out.println();
    }

    private void title(String text) {
        out.printf("%n==== %s%n", text);
    }

    private static void pause(Instant until) {
        try {
            Thread.sleep(Duration.between(Instant.now(), until)); // nothing when it is over already
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the demo was interrupted", e);
        }
    }
}
