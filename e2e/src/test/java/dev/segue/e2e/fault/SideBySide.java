package dev.segue.e2e.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Experiments that run several at a time, each in a lab of its own, and are told one by one. */
public final class SideBySide implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SideBySide.class);

    private final ExecutorService pool;

    /** @param width more than 10 would starve each other's pods on a machine of two cores */
    public SideBySide(int width) {
        pool = Executors.newFixedThreadPool(width);
    }

    /** Begins it as soon as there is room; the test waits for it. */
    public DynamicTest begin(Labs labs, Experiment experiment) {
        Future<?> run = pool.submit(() -> {
            Instant begun = Instant.now();
            try {
                labs.run(experiment.namespace(), experiment.inLab());
            } catch (AssertionError e) {
                LOG.error(
                        "{}: failed: {}",
                        experiment.namespace(),
                        Objects.requireNonNullElse(e.getMessage(), "")
                                .lines()
                                .limit(3)
                                .toList());
                throw e;
            }
            LOG.info(
                    "{}: passed in {} s",
                    experiment.namespace(),
                    Duration.between(begun, Instant.now()).toSeconds());
        });
        return tell(experiment.name(), run);
    }

    /** Tells how a run ended that goes on by itself. */
    static DynamicTest tell(String name, Future<?> run) {
        return DynamicTest.dynamicTest(name, () -> {
            try {
                run.get();
            } catch (ExecutionException e) {
                Throwable why = Objects.requireNonNull(e.getCause());
                if (why instanceof TestAbortedException aborted) {
                    throw aborted;
                }
                throw new AssertionError("%s: %s".formatted(name, why.getMessage()), why);
            }
        });
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
