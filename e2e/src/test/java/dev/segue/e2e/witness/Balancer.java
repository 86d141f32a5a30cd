package dev.segue.e2e.witness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a Service does, on loopback: a new connection goes to the backends that are routed to, in turn; an open one
 * stays where it is, whatever the routes are by now.
 */
final class Balancer implements AutoCloseable {
    private final ServerSocket listener;
    private final Map<Integer, AtomicInteger> open = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile int[] backends;

    Balancer(int... ports) throws IOException {
        backends = ports.clone();
        listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
    }

    /** From now on new connections go to these ports only. */
    void route(int... ports) {
        backends = ports.clone();
    }

    /** Connections to this port that neither side has closed. */
    int open(int port) {
        return count(port).get();
    }

    private AtomicInteger count(int port) {
        return open.computeIfAbsent(port, _ -> new AtomicInteger());
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                int[] now = backends;
                int port = now[Math.floorMod(turn.getAndIncrement(), now.length)];
                // Counted here, so that after route() a count of 0 stays 0 but for the one being accepted.
                count(port).incrementAndGet();
                Thread.ofVirtual().start(() -> connect(client, port));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void connect(Socket client, int port) {
        try (client;
                Socket backend = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setTcpNoDelay(true);
            backend.setTcpNoDelay(true);
            Thread there = Thread.ofVirtual().start(() -> pump(client, backend));
            pump(backend, client);
            there.join();
        } catch (IOException refused) {
            // Closing the client's side tells it.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            count(port).decrementAndGet();
        }
    }

    /** Passes bytes and the end on; when one direction breaks, both do. */
    private static void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException broken) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // That is all that was wanted.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
