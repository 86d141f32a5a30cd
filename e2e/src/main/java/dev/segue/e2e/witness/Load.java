package dev.segue.e2e.witness;

import dev.segue.e2e.witness.Client.Answer;
import dev.segue.e2e.witness.Client.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Open-loop load: request n of a kind is due at start + n / rate by the clock, whatever became of those before it. A
 * target that stalls gets as many requests as one that does not, and a request that is sent late, because this process
 * had no CPU, has waited since it was due.
 */
final class Load implements AutoCloseable {
    private static final int SHOWN_FAILURES = 100;
    private static final Duration PROGRESS = Duration.ofSeconds(10);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(200);

    private final Settings settings;
    private final Records records;
    private final Tally tally;
    private final Map<Kind, Client> clients = new EnumMap<>(Kind.class);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable IOException recordsBroken;

    /** The arrivals of one kind; {@code offset}, below 1, spreads the kinds so that they do not all start together. */
    private static final class Arrivals {
        private final Client client;
        private final double intervalNanos;
        private final double offset;
        private long n;

        private Arrivals(Client client, double rate, double offset) {
            this.client = client;
            this.intervalNanos = 1e9 / rate;
            this.offset = offset;
        }

        /** Nanoseconds after the start; computed from n, so that no error adds up. */
        private long due() {
            return (long) ((n + offset) * intervalNanos);
        }
    }

    Load(Settings settings, Records records, Tally tally) {
        this.settings = settings;
        this.records = records;
        this.tally = tally;
        for (Kind kind : Kind.values()) {
            clients.put(kind, new Client(kind, settings));
        }
    }

    /**
     * Tries a new connection now and then until one request succeeds; nothing is counted.
     *
     * @return null when the target answers or the load was stopped, else why it does not
     */
    @Nullable
    String awaitFirstSuccess() throws InterruptedException {
        long deadline = System.nanoTime() + settings.startTimeout().toNanos();
        try (Client probe = new Client(Kind.NEW, settings)) {
            while (true) {
                Outcome outcome = probe.send();
                Answer answer = outcome.answer();
                if (answer != null && answer.status() / 100 == 2) {
                    return null;
                }
                if (stopped.await(PROBE_INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
                    return null;
                }
                if (System.nanoTime() > deadline) {
                    return answer == null ? outcome.detail() : "status " + answer.status();
                }
            }
        }
    }

    /**
     * Sends until told to stop or until the configured duration is over, then awaits what is on its way: for as long as
     * a request may take by its time-outs, after which the rest is cut and counted as failed.
     *
     * @throws IOException when the records could not be written: the run is worth nothing then
     */
    void run() throws IOException, InterruptedException {
        try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
            send(requests);
            requests.shutdown();
            Duration longest =
                    settings.connectTimeout().plus(settings.responseTimeout()).plus(Duration.ofSeconds(1));
            if (!requests.awaitTermination(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                clients.values().forEach(Client::close);
                requests.shutdownNow();
            }
        }
        IOException broken = recordsBroken;
        if (broken != null) {
            throw broken;
        }
    }

    private void send(ExecutorService requests) throws InterruptedException {
        List<Arrivals> all = new ArrayList<>();
        clients.forEach((kind, client) -> {
            if (settings.rate(kind) > 0) {
                all.add(new Arrivals(client, settings.rate(kind), all.size() / (double) clients.size()));
            }
        });
        Duration duration = settings.duration();
        long end = duration == null ? Long.MAX_VALUE : duration.toNanos();
        long start = System.nanoTime();
        Instant wallStart = Instant.now();
        long progress = PROGRESS.toNanos();
        while (true) {
            Arrivals next =
                    all.stream().min(Comparator.comparingLong(Arrivals::due)).orElseThrow();
            long due = next.due();
            if (due >= end || stopped.await(due - (System.nanoTime() - start), TimeUnit.NANOSECONDS)) {
                return;
            }
            next.n++;
            tally.sent();
            requests.execute(() -> one(next.client, start + due, wallStart.plusNanos(due)));
            if (due > progress) {
                progress += PROGRESS.toNanos();
                Summary now = summary();
                System.err.printf(
                        "witness: %d s, %d requests, %d failed, %d outstanding%n",
                        TimeUnit.NANOSECONDS.toSeconds(due), now.requests(), now.failures(), now.outstanding());
            }
        }
    }

    private void one(Client client, long dueNanos, Instant due) {
        double lateMs = millisSince(dueNanos);
        Outcome outcome = client.send();
        double durationMs = millisSince(dueNanos);
        Answer answer = outcome.answer();
        RequestRecord request = new RequestRecord(
                due.truncatedTo(ChronoUnit.MICROS),
                durationMs,
                lateMs,
                client.kind(),
                answer == null ? null : answer.status(),
                outcome.error(),
                outcome.detail(),
                answer == null ? null : answer.version(),
                answer == null ? null : answer.pod(),
                outcome.connection(),
                outcome.reused());
        try {
            // Before it is counted, so that the records never hold less than a summary that was asked for before them.
            records.append(request);
        } catch (IOException broken) {
            recordsBroken = broken;
            stop();
        }
        long failures = tally.ended(request);
        if (!request.isOk() && failures <= SHOWN_FAILURES) {
            System.err.println("witness: failed " + request);
        }
    }

    /** To the microsecond, which is as fine as anything here is. */
    private static double millisSince(long nanos) {
        return Math.max(0, (System.nanoTime() - nanos) / 1000) / 1000.0;
    }

    /** No more arrivals; {@link #run} returns once the requests on their way have ended. */
    void stop() {
        stopped.countDown();
    }

    Summary summary() {
        Map<Kind, Long> opened = new EnumMap<>(Kind.class);
        clients.forEach((kind, client) -> opened.put(kind, client.opened()));
        return tally.summary(settings.target().toString(), opened);
    }

    @Override
    public void close() {
        clients.values().forEach(Client::close);
    }
}
