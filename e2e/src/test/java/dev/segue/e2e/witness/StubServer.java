package dev.segue.e2e.witness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that says exactly what a test tells it to, byte by byte, and counts the connections and requests. */
final class StubServer implements AutoCloseable {
    static final String OK = answer("200 OK", "", "{\"version\":\"stub\",\"pod\":\"one\"}");

    private final ServerSocket listener;
    private final Script script;
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger closedByClient = new AtomicInteger();
    private final Queue<String> requestLines = new ConcurrentLinkedQueue<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Answers the n-th request of all, counted from 0. */
    interface Script {
        /** Returns whether to go on with the connection. */
        boolean answer(int n, OutputStream out) throws IOException, InterruptedException;
    }

    StubServer(Script script) throws IOException {
        this.script = script;
        listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    static StubServer saying(String answer) throws IOException {
        return new StubServer((_, out) -> {
            say(out, answer);
            return true;
        });
    }

    static String answer(String status, String headers, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n" + headers + "\r\n" + body;
    }

    static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
    }

    int accepted() {
        return accepted.get();
    }

    /** Connections that the client has ended, in good order or by a reset. */
    int closedByClient() {
        return closedByClient.get();
    }

    /** Method, path and protocol of every request so far. */
    Queue<String> requestLines() {
        return requestLines;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                accepted.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            boolean goOn = true;
            while (goOn) {
                String requestLine = in.readLine();
                if (requestLine == null) {
                    closedByClient.incrementAndGet();
                    return;
                }
                for (String header = in.readLine(); header != null && !header.isEmpty(); ) {
                    header = in.readLine();
                }
                int n;
                synchronized (requestLines) {
                    n = requestLines.size();
                    requestLines.add(requestLine);
                }
                goOn = script.answer(n, socket.getOutputStream());
            }
        } catch (IOException gone) {
            if (!listener.isClosed()) {
                closedByClient.incrementAndGet();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
