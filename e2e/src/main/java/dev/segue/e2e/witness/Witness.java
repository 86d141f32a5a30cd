package dev.segue.e2e.witness;

import dev.segue.e2e.shop.Environment;
import dev.segue.e2e.witness.Summary.Part;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Sends requests of three kinds at a constant rate to TARGET_URL and accounts for each; see {@link Settings} for the
 * environment. Nothing counts before the first success. It runs until DURATION is over, SIGTERM or {@code POST /stop}
 * on the control port, then awaits the requests on their way and prints the {@link Summary}: as one line of JSON to
 * standard output and to the termination message of its container, as a table to standard error.
 *
 * <p>Exit code: 0 when every request succeeded, 1 when one failed, 2 when nothing was proved (settings, no first
 * success, records not written).
 */
public final class Witness implements AutoCloseable {
    /** What a kubelet keeps of a termination message: the last 4096 bytes. */
    private static final int TERMINATION_BYTES = 4096;

    private final Settings settings;
    private final Records records;
    private final Load load;
    private final Control control;
    private final CompletableFuture<Summary> result = new CompletableFuture<>();

    /** @throws NothingProved when the records or the control port cannot be opened */
    public Witness(Settings settings) throws NothingProved {
        this.settings = settings;
        records = new Records(settings.records());
        load = new Load(settings, records, new Tally());
        control = new Control(settings.controlPort(), load, records, result);
    }

    public int controlPort() {
        return control.port();
    }

    /** What was seen so far. */
    public Summary summary() {
        return load.summary();
    }

    /** Ends the load; {@link #run} returns when the requests on their way have ended. Any thread may call it. */
    public void stop() {
        load.stop();
    }

    /** Runs to the end; once only. */
    public Summary run() throws NothingProved, InterruptedException {
        try {
            Summary summary = measure();
            result.complete(summary);
            return summary;
        } catch (NothingProved why) {
            result.completeExceptionally(why);
            throw why;
        }
    }

    private Summary measure() throws NothingProved, InterruptedException {
        System.err.println("witness: waiting for the first success of " + settings.target());
        String refused = load.awaitFirstSuccess();
        if (refused != null) {
            throw new NothingProved("no 2xx answer from " + settings.target() + " within "
                    + settings.startTimeout().toMillis() / 1000.0 + " s (last: " + refused
                    + "): check TARGET_URL and that its pods are ready, or raise START_TIMEOUT");
        }
        System.err.println("witness: counting");
        try {
            load.run();
            records.close();
        } catch (IOException broken) {
            throw new NothingProved("the records in " + settings.records() + " could not be written: " + broken);
        }
        Summary summary = load.summary();
        if (summary.outstanding() != 0) {
            throw new NothingProved(summary.outstanding() + " requests are unaccounted for: a defect of the witness");
        }
        if (summary.requests() == 0) {
            throw new NothingProved("stopped before the first counted request");
        }
        return summary;
    }

    /** Closes the control port, after those who asked for the end have been answered, and all connections. */
    @Override
    public void close() {
        control.close();
        load.close();
    }

    public static void main(String[] args) throws InterruptedException {
        // HttpClient would like to log; there is no logging backend here, and no need for four lines that say so.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        // Java remembers for 10 s that a name did not resolve, and would make ten seconds of failures of one.
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Settings settings;
        Witness witness;
        try {
            settings = Settings.from(new Environment(System.getenv()));
            witness = new Witness(settings);
        } catch (Environment.Invalid | NothingProved unusable) {
            System.err.println("witness: " + unusable.getMessage());
            System.exit(2);
            return;
        }
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        // SIGTERM: the hook ends the load, and the main thread's verdict becomes the exit code, not the signal's 143.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            witness.stop();
                            Runtime.getRuntime().halt(exitCode.join());
                        },
                        "sigterm"));
        int code = 2;
        try (witness) {
            Summary summary = witness.run();
            print(summary, settings.terminationLog());
            code = summary.failures() == 0 ? 0 : 1;
        } catch (NothingProved why) {
            System.err.println("witness: " + why.getMessage());
            writeTermination(settings.terminationLog(), why.getMessage());
        } finally {
            System.out.flush();
            System.err.flush();
            exitCode.complete(code);
        }
        System.exit(code);
    }

    private static void print(Summary summary, Path terminationLog) {
        try {
            String json = Json.MAPPER.writeValueAsString(summary);
            table(summary, System.err);
            System.out.println(json);
            if (json.getBytes(StandardCharsets.UTF_8).length > TERMINATION_BYTES) {
                json = Json.MAPPER.writeValueAsString(summary.withoutParts());
            }
            writeTermination(terminationLog, json);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Outside of a container there is no such file, and nobody waits for it. */
    private static void writeTermination(Path file, String text) {
        if (!Files.isWritable(file)) {
            return;
        }
        try {
            Files.writeString(file, text);
        } catch (IOException cannot) {
            System.err.println("witness: the summary could not be written to " + file + ": " + cannot);
        }
    }

    private static void table(Summary summary, PrintStream to) {
        to.printf(
                Locale.ROOT,
                "%n%-10s %-12s %9s %9s %11s %8s %9s %9s %9s%n",
                "KIND",
                "VERSION",
                "REQUESTS",
                "OK",
                "CONN.FAIL.",
                "NON-2XX",
                "P50 MS",
                "P99 MS",
                "MAX MS");
        summary.byKind()
                .forEach((kind, versions) -> versions.forEach((version, part) -> to.printf(
                        Locale.ROOT,
                        "%-10s %-12s %9d %9d %11d %8d %9.1f %9.1f %9.1f%n",
                        kind,
                        version,
                        part.requests(),
                        part.ok(),
                        sum(part.connectionFailures()),
                        sum(part.non2xx()),
                        part.latencyMs().p50(),
                        part.latencyMs().p99(),
                        part.latencyMs().max())));
        summary.byKind()
                .forEach((kind, versions) -> versions.forEach((version, part) -> causes(kind, version, part, to)));
        to.printf(
                Locale.ROOT,
                "%d requests, %d failed (%d connection failures, %d other than 2xx); the witness itself was late by"
                        + " at most %.1f ms%n",
                summary.requests(),
                summary.failures(),
                summary.connectionFailures(),
                summary.non2xx(),
                summary.maxLateMs());
    }

    private static void causes(Kind kind, String version, Part part, PrintStream to) {
        if (part.ok() < part.requests()) {
            to.printf("failures of %s to %s: %s %s%n", kind, version, part.connectionFailures(), part.non2xx());
        }
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
