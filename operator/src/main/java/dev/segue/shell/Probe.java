package dev.segue.shell;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs as a Job in the copy of production: tries to reach production's Service, which it must not, and the copy's own, which
 * it must, so that a network that lets nothing through is not taken for one that keeps them apart.
 */
public final class Probe {
    static final String PRODUCTION = "PRODUCTION";
    static final String STAGING = "STAGING";

    private static final int TIMEOUT_MILLIS = 3_000;

    private Probe() {}

    /** Answers the exit code: 0 when both were tried. */
    public static int run(Map<String, String> environment) {
        String word = "production %s, staging %s"
                .formatted(
                        tried(environment.getOrDefault(PRODUCTION, "")), tried(environment.getOrDefault(STAGING, "")));
        System.out.println(word);
        try {
            Files.writeString(Path.of("/dev/termination-log"), word);
            return 0;
        } catch (IOException e) {
            System.err.println("its answer could not be written: " + e.getMessage());
            return 1;
        }
    }

    private static String tried(String destination) {
        int colon = destination.lastIndexOf(':');
        if (colon < 0) {
            return "without an address";
        }
        InetSocketAddress address = new InetSocketAddress(
                destination.substring(0, colon), Integer.parseInt(destination.substring(colon + 1)));
        if (address.isUnresolved()) {
            return "unresolved";
        }
        try (Socket socket = new Socket()) {
            socket.connect(address, TIMEOUT_MILLIS);
            return "reached";
        } catch (ConnectException e) {
            return "refused"; // by somebody: that a policy did it is not known
        } catch (IOException e) {
            return "blocked";
        }
    }
}
