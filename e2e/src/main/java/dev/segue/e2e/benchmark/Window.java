package dev.segue.e2e.benchmark;

import java.util.concurrent.TimeUnit;

/**
 * What the operator did in a stretch of time.
 *
 * @param seconds how long it was
 * @param cpuSeconds of its container
 * @param did what it counted
 */
record Window(double seconds, double cpuSeconds, Scrape did) {

    /** A moment from which a window is measured. */
    record Start(InstalledOperator operator, InstalledOperator.Run run, long at, double cpu, Scrape scrape) {
        Window end() {
            Scrape now = operator.scrape(run);
            return new Window((System.nanoTime() - at) / 1e9, run.footprint().cpuSeconds() - cpu, now.since(scrape));
        }

        Window after(int seconds) {
            pause(seconds);
            return end();
        }
    }

    static Start from(InstalledOperator operator, InstalledOperator.Run run) {
        return new Start(operator, run, System.nanoTime(), run.footprint().cpuSeconds(), operator.scrape(run));
    }

    private static void pause(int seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Of one CPU, in percent. */
    double cpuPercent() {
        return 100 * cpuSeconds / seconds;
    }

    double readsPerSecond() {
        return did.reads() / seconds;
    }

    double writesPerSecond() {
        return did.writes() / seconds;
    }

    double looksPerSecond() {
        return did.looks() / seconds;
    }

    double lookMillis(double quantile) {
        return 1000 * did.look(quantile);
    }
}
