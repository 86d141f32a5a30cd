package dev.segue.e2e.witness;

import dev.segue.e2e.shop.Environment;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the witness is to do. Rates are requests per second.
 *
 * @param target a http URL; slow requests go to {@code slow?seconds=N} below it
 * @param lifetime after which a pooled connection is not used again, or null for never
 * @param slowSeconds how long a slow request takes
 * @param connectTimeout after which an attempt to connect has failed
 * @param responseTimeout without a byte of the answer, after which a request has failed
 * @param startTimeout for the first success, which starts the count
 * @param duration of the counted load, or null: until it is told to stop
 * @param records file of the JSON Lines
 * @param terminationLog where a container's last word goes
 * @param controlPort of the control server; 0 takes a free one
 */
public record Settings(
        URI target,
        double newRate,
        double keepAliveRate,
        double slowRate,
        @Nullable Duration lifetime,
        double slowSeconds,
        Duration connectTimeout,
        Duration responseTimeout,
        Duration startTimeout,
        @Nullable Duration duration,
        Path records,
        Path terminationLog,
        int controlPort) {

    /**
     * New connections per second from one address. Each holds one of 28,000 ephemeral ports for a minute and more,
     * here or in conntrack; a port that comes round while its old entry points to a pod that is gone ends in "no route
     * to host", which would look like a failure of the migration.
     */
    static final double MAX_CONNECTION_RATE = 250;

    private static final double MAX_RATE = 2_000;

    /** @throws Environment.Invalid when a variable is missing or has a value that cannot be used */
    public static Settings from(Environment environment) {
        String duration = environment.text("DURATION");
        String lifetime = environment.text("KEEPALIVE_LIFETIME", "10s").toLowerCase(Locale.ROOT);
        Settings settings = new Settings(
                target(environment),
                environment.number("NEW_RATE", 120, 0, MAX_RATE),
                environment.number("KEEPALIVE_RATE", 60, 0, MAX_RATE),
                environment.number("SLOW_RATE", 5, 0, MAX_RATE),
                lifetime.equals("unlimited")
                        ? null
                        : environment.duration("KEEPALIVE_LIFETIME", Duration.ofSeconds(10)),
                environment.number("SLOW_SECONDS", 2, 0, 99),
                environment.duration("CONNECT_TIMEOUT", Duration.ofSeconds(2)),
                environment.duration("RESPONSE_TIMEOUT", Duration.ofSeconds(10)),
                environment.duration("START_TIMEOUT", Duration.ofSeconds(60)),
                duration == null ? null : environment.duration("DURATION", Duration.ZERO),
                Path.of(environment.text("RECORDS", "/out/records.jsonl")),
                Path.of(environment.text("TERMINATION_LOG", "/dev/termination-log")),
                environment.wholeNumber("CONTROL_PORT", 8081, 0, 65_535));
        settings.check();
        return settings;
    }

    private static URI target(Environment environment) {
        String text = environment.text("TARGET_URL");
        String right = "a URL such as http://shop.default.svc:8080/";
        if (text == null) {
            throw Environment.invalid("TARGET_URL", "", right);
        }
        try {
            URI uri = new URI(text.endsWith("/") ? text : text + "/");
            if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getQuery() != null) {
                throw Environment.invalid("TARGET_URL", text, right);
            }
            return uri;
        } catch (URISyntaxException notOne) {
            throw Environment.invalid("TARGET_URL", text, right);
        }
    }

    private void check() {
        double connections = newRate + slowRate;
        if (connections > MAX_CONNECTION_RATE) {
            throw new Environment.Invalid(String.format(
                    Locale.ROOT,
                    "NEW_RATE + SLOW_RATE is %.0f new connections per second, more than %.0f: one client address has"
                            + " 28,000 ephemeral ports, and reusing them that fast fails requests by itself. Lower"
                            + " the rates, or run several witnesses, each in its own pod.",
                    connections,
                    MAX_CONNECTION_RATE));
        }
        if (newRate + keepAliveRate + slowRate == 0) {
            throw new Environment.Invalid("NEW_RATE, KEEPALIVE_RATE and SLOW_RATE are all 0: nothing would be sent");
        }
        if (lifetime != null && lifetime.compareTo(Duration.ofMillis(500)) < 0) {
            throw Environment.invalid(
                    "KEEPALIVE_LIFETIME",
                    lifetime.toMillis() + "ms",
                    "at least 500ms, or unlimited: shorter ones are what NEW_RATE is for");
        }
        if (slowRate > 0 && responseTimeout.toMillis() <= slowSeconds * 1000) {
            throw Environment.invalid(
                    "RESPONSE_TIMEOUT", responseTimeout.toMillis() + "ms", "longer than SLOW_SECONDS");
        }
    }

    double rate(Kind kind) {
        return switch (kind) {
            case NEW -> newRate;
            case KEEPALIVE -> keepAliveRate;
            case SLOW -> slowRate;
        };
    }

    URI uri(Kind kind) {
        return kind == Kind.SLOW ? target.resolve("slow?seconds=" + slowSeconds) : target;
    }
}
