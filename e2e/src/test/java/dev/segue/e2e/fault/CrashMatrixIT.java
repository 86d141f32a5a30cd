package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

import dev.segue.e2e.fault.CrashMatrix.Result;
import java.io.File;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator crashes at each of its writes, before it and after it; the next one comes to the same end, by the same
 * creates and deletes, and breaks no promise on the way.
 *
 * <p>By default each kind of write of the first three paths is crashed at, by turns before and after it. {@code
 * -Dsegue.matrix=full} takes every write of every path, {@code -Dsegue.matrix=adopt,abort} of those whose names begin so;
 * {@code -Dsegue.writes=kinds} each kind of them only, any other word those that contain it. What a path does before its cue
 * is what Adopt does there, and crashed at in that path.
 */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class CrashMatrixIT {
    private static final Logger LOG = LoggerFactory.getLogger(CrashMatrixIT.class);
    private static final String SELECTION = System.getProperty("segue.matrix", "quick");
    private static final String WRITES =
            System.getProperty("segue.writes", SELECTION.equals("quick") ? "kinds" : "all");
    private static final boolean BY_TURNS = SELECTION.equals("quick") && WRITES.equals("kinds");
    private static final int QUICK_PATHS = 3;

    /** More would starve each other's pods on a machine of two cores. */
    private static final int SIDE_BY_SIDE = 10;

    private static final Metric METRIC = new Metric();
    private static final ExecutorService POOL = Executors.newFixedThreadPool(SIDE_BY_SIDE);

    /** What the storage keeps of snapshots, where any are taken. */
    private static @Nullable File snapshots;

    @AfterAll
    static void close() {
        POOL.shutdownNow();
        METRIC.close();
        File left = snapshots;
        if (left != null) {
            await().untilAsserted(() -> assertThat(left).isEmptyDirectory());
        }
    }

    /** One run of the matrix. */
    private record Crashed(Path path, int number, int of, Write at, Crash.Way way) {
        @Override
        public String toString() {
            return "%s, write %d of %d (%s), %s".formatted(path.name(), number, of, at, way);
        }
    }

    @TestFactory
    List<DynamicNode> matrix(Labs labs) throws InterruptedException {
        var matrix = new CrashMatrix(labs, METRIC);
        if (paths().stream().anyMatch(path -> path.setting() == Path.Setting.DATA)) {
            snapshots = labs.offerSnapshots().resolve("snapshots").toFile();
        }
        Map<Path, Future<Result>> undisturbed = new LinkedHashMap<>();
        paths().forEach(path -> undisturbed.put(path, POOL.submit(() -> matrix.undisturbed(path))));
        Set<String> kinds = new HashSet<>();
        List<DynamicNode> containers = new ArrayList<>();
        int points = 0;
        for (Map.Entry<Path, Future<Result>> entry : undisturbed.entrySet()) {
            Path path = entry.getKey();
            List<DynamicTest> tests = new ArrayList<>();
            tests.add(SideBySide.tell("%s, undisturbed twice".formatted(path.name()), entry.getValue()));
            if (succeeds(entry.getValue())) {
                List<Crashed> crashes =
                        crashes(path, entry.getValue().resultNow().writes(), kinds);
                List<Future<Result>> runs = new ArrayList<>();
                for (Crashed crash : crashes) {
                    Result expected = entry.getValue().resultNow();
                    runs.add(POOL.submit(() -> {
                        assumeTrue(matrix.crash(path, crash.at(), crash.way(), expected), "it was not made this time");
                        return expected;
                    }));
                    tests.add(SideBySide.tell(crash.toString(), runs.getLast()));
                }
                tests.add(DynamicTest.dynamicTest(
                        "%s, most writes were made".formatted(path.name()),
                        () -> assertThat(runs.stream().filter(CrashMatrixIT::made))
                                .hasSizeGreaterThanOrEqualTo((runs.size() + 1) / 2)));
                points += (int) crashes.stream().map(Crashed::number).distinct().count();
                LOG.info(
                        "{}: {} writes, {} runs with a crash",
                        path.name(),
                        entry.getValue().resultNow().writes().size(),
                        crashes.size());
            }
            containers.add(dynamicContainer(path.name(), tests));
        }
        LOG.info(
                "{} paths, {} crash points, {}",
                undisturbed.size(),
                points,
                BY_TURNS ? "by turns before and after the write" : "each before and after the write");
        return containers;
    }

    private static List<Path> paths() {
        List<Path> all = Paths.all(METRIC.analysis());
        return switch (SELECTION) {
            case "quick" -> all.subList(0, QUICK_PATHS);
            case "full" -> all;
            default -> {
                List<String> beginnings = List.of(SELECTION.split(","));
                yield all.stream()
                        .filter(path -> beginnings.stream().anyMatch(path.name()::startsWith))
                        .toList();
            }
        };
    }

    /** In both ways or by turns, those that are selected: of the kinds, those that are not in this set yet. */
    private static List<Crashed> crashes(Path path, List<Write> writes, Set<String> kinds) {
        List<Crashed> crashes = new ArrayList<>();
        for (Write at : path.crashed(writes)) {
            boolean selected = switch (WRITES) {
                case "all" -> true;
                case "kinds" -> kinds.add(at.kind());
                default -> at.toString().contains(WRITES);
            };
            if (selected) {
                Crash.Way[] all = Crash.Way.values();
                for (Crash.Way way : BY_TURNS ? new Crash.Way[] {all[kinds.size() % all.length]} : all) {
                    crashes.add(new Crashed(path, writes.indexOf(at) + 1, writes.size(), at, way));
                }
            }
        }
        return crashes;
    }

    /** Whether its write was there to crash at, whatever came of it. */
    private static boolean made(Future<?> run) {
        return run.state() == Future.State.SUCCESS || !(run.exceptionNow() instanceof TestAbortedException);
    }

    private static boolean succeeds(Future<?> run) throws InterruptedException {
        try {
            run.get();
            return true;
        } catch (ExecutionException e) {
            return false; // its own test tells
        }
    }
}
