package dev.segue.shell;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs as a Job in the copy of production, before anything else runs there: tries to reach production's Service, which it
 * must not, and the cluster's name server, which it must, so that a network that lets nothing through is not taken for one
 * that keeps them apart. The name that it asks for is that of production's Service: an answer that is not the Service's
 * address is somebody else's, as of a search domain that answers to everything.
 */
public final class Probe {
    /** What must not be reached: address and port, so that no name has to be known for it. */
    static final String PRODUCTION = "PRODUCTION";

    /** The name of that address. */
    static final String NAME = "NAME";

    private static final String APART = "production blocked, names reached";
    private static final int DNS_PORT = 53;
    private static final int TIMEOUT_MILLIS = 3_000;

    /** A pod may start before the network plugin has heard of its policies: first without any, or with no way at all. */
    private static final Duration SETTLES = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private Probe() {}

    /** Answers the exit code: 0 when both were tried. */
    public static int run(Map<String, String> environment) {
        // Each try asks anew: what the JVM remembers says nothing of the network.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        try {
            String resolver = Files.readString(Path.of("/etc/resolv.conf"));
            String word = environment.containsKey(PRODUCTION)
                    ? settled(() -> word(environment, resolver, DNS_PORT), SETTLES, PAUSE)
                    : word(environment, resolver, DNS_PORT);
            System.out.println(word);
            Files.writeString(Path.of("/dev/termination-log"), word);
            return 0;
        } catch (IOException e) {
            System.err.println("it could not read its name servers, or write its answer: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** The last word, which is the first one by which they are kept apart, if it is said in this time. */
    static String settled(Supplier<String> tries, Duration time, Duration pause) throws InterruptedException {
        long begun = System.nanoTime();
        String word = tries.get();
        while (!word.equals(APART) && System.nanoTime() - begun < time.toNanos()) {
            Thread.sleep(pause);
            word = tries.get();
        }
        return word;
    }

    /** Names come last: that they are reached says that what was blocked was not blocked as the pod had no network yet. */
    static String word(Map<String, String> environment, String resolver, int dnsPort) {
        String production = environment.get(PRODUCTION);
        if (production == null) {
            return "production without an address";
        }
        int colon = production.lastIndexOf(':');
        String address = production.substring(0, colon);
        int port = Integer.parseInt(production.substring(colon + 1));
        return "production %s, names %s"
                .formatted(
                        tried(new InetSocketAddress(address, port), TIMEOUT_MILLIS),
                        names(environment.getOrDefault(NAME, ""), address, resolver, dnsPort));
    }

    private static String names(String name, String address, String resolver, int port) {
        List<String> servers = resolver.lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .map(words -> words[1])
                .toList();
        if (servers.isEmpty()) {
            return "without a server";
        }
        try {
            InetAddress server = InetAddress.getByName(servers.getFirst());
            if (server.isLinkLocalAddress()) {
                return "on the node"; // a cache: that it answers does not say that the pod reaches more than its node
            }
            if (!Arrays.asList(InetAddress.getAllByName(name)).contains(InetAddress.getByName(address))) {
                return "of another address";
            }
            return tried(new InetSocketAddress(server, port), TIMEOUT_MILLIS);
        } catch (UnknownHostException e) {
            return "unresolved";
        }
    }

    /** Only what nobody answers is blocked: that a policy has refused it cannot be told from others who do. */
    static String tried(InetSocketAddress address, int timeoutMillis) {
        try (Socket socket = new Socket()) {
            socket.connect(address, timeoutMillis);
            return "reached";
        } catch (SocketTimeoutException e) {
            return "blocked";
        } catch (ConnectException e) {
            return "refused";
        } catch (IOException e) {
            return "failed: " + e.getMessage();
        }
    }
}
