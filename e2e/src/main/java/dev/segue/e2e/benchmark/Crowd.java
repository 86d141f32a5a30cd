package dev.segue.e2e.benchmark;

import dev.segue.api.Migration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Thousands of Migrations with which nothing happens. */
interface Crowd {
    int WRITERS = 12;
    int TOLD = 1_000;

    /** What they are, for a title. */
    String kind();

    /** Lets there be those with the numbers from (inclusive) to (exclusive); no operator runs. */
    void fill(int from, int to);

    /** Whether this one of them is as it shall be, once the operator has looked at it. */
    boolean idle(Migration m);

    /**
     * Does it for each number from (inclusive) to (exclusive), some at once, and tells each thousand; throws what the first one
     * threw.
     *
     * @param objects what there is one more of each time
     */
    static void each(String objects, int from, int to, IntConsumer what) {
        var done = new AtomicInteger(from);
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<CompletableFuture<Void>> written = new ArrayList<>();
            for (int i = from; i < to; i++) {
                int n = i;
                written.add(CompletableFuture.runAsync(
                        () -> {
                            what.accept(n);
                            int there = done.incrementAndGet();
                            if (there % TOLD == 0) {
                                System.err.printf("benchmark: %,d of %,d %s%n", there, to, objects);
                            }
                        },
                        writers));
            }
            written.forEach(CompletableFuture::join);
        }
    }
}
