package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On loopback, where something answers, refuses, or does neither. */
class ProbeTest {
    private static final String RESOLVER = "search prod.svc\nnameserver 127.0.0.1\n";

    private static ServerSocket listening(int backlog) throws IOException {
        return new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
    }

    private static InetSocketAddress address(ServerSocket server) {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    private static int closed() throws IOException {
        try (ServerSocket server = listening(1)) {
            return server.getLocalPort();
        }
    }

    private static String word(int production, String name, String resolver, int dns) {
        return Probe.word(Map.of(Probe.PRODUCTION, "127.0.0.1:" + production, Probe.NAME, name), resolver, dns);
    }

    @Test
    void whatAnswersIsReached() throws IOException {
        try (ServerSocket server = listening(9)) {
            assertThat(word(server.getLocalPort(), "localhost", RESOLVER, server.getLocalPort()))
                    .isEqualTo("production reached, names reached");
        }
    }

    @Test
    void whatIsRefusedIsNotTakenForBlocked() throws IOException {
        try (ServerSocket server = listening(9)) {
            assertThat(word(closed(), "localhost", RESOLVER, server.getLocalPort()))
                    .isEqualTo("production refused, names reached");
            assertThat(word(server.getLocalPort(), "localhost", RESOLVER, closed()))
                    .isEqualTo("production reached, names refused");
        }
    }

    /** One that listens and has no place left for a connection does not answer to it. */
    @Test
    void whatDoesNotAnswerIsBlocked() throws IOException {
        List<Socket> taken = new ArrayList<>();
        try (ServerSocket server = listening(1)) {
            while (taken.size() < 2) {
                taken.add(new Socket(server.getInetAddress(), server.getLocalPort()));
            }
            assertThat(Probe.tried(address(server), 100)).isEqualTo("blocked");
        } finally {
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    @Test
    void whatIsNoAnswerOfTheClustersNamesIsNone() throws IOException {
        try (ServerSocket server = listening(9)) {
            int port = server.getLocalPort();
            assertThat(word(port, "[no name", RESOLVER, port)).isEqualTo("production reached, names unresolved");
            assertThat(word(port, "127.0.0.2", RESOLVER, port))
                    .as("a search domain that answers to everything")
                    .isEqualTo("production reached, names of another address");
            assertThat(word(port, "localhost", "nameserver 169.254.20.10\nnameserver 127.0.0.1\n", port))
                    .as("a cache on the node, which is asked first")
                    .isEqualTo("production reached, names on the node");
            assertThat(word(port, "localhost", "#nameserver 127.0.0.1\n", port))
                    .isEqualTo("production reached, names without a server");
        }
    }

    /** There may be no Service with an address. */
    @Test
    void withoutAnAddressNothingIsTried() {
        assertThat(Probe.word(Map.of(), RESOLVER, 1)).isEqualTo("production without an address");
    }

    @Test
    void policiesThatComeAMomentLaterAreWaitedFor() throws InterruptedException {
        Iterator<String> words = List.of(
                        "production reached, names reached",
                        "production blocked, names unresolved",
                        "production blocked, names reached",
                        "not asked any more")
                .iterator();
        assertThat(Probe.settled(words::next, Duration.ofDays(1), Duration.ZERO))
                .isEqualTo("production blocked, names reached");
    }

    @Test
    void whatIsNotSoInTimeIsNot() throws InterruptedException {
        assertThat(Probe.settled(() -> "production reached, names reached", Duration.ZERO, Duration.ZERO))
                .isEqualTo("production reached, names reached");
    }
}
