package dev.segue.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request on a connection of its own, tried once. The JDK's clients send a GET a second time when a server closes the
 * connection without an answer, which is just what is to be counted here.
 */
record LoadRequest(String host, int port, String path) {
    /**
     * How long an answer is waited for, second by second: where this process stands still, with its machine or without CPU, that
     * counts for one of them at most, as it says nothing about the server.
     */
    private static final int PATIENCE_SECONDS = 10;

    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
    private static final int HTTP_PORT = 80;
    private static final int SERVER_ERROR = 500;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})[ \\r]");
    private static final Pattern LENGTH = Pattern.compile("(?i)\\r\\ncontent-length: *([0-9]{1,18}) *\\r\\n");
    private static final Pattern CHUNKED = Pattern.compile("(?i)\\r\\ntransfer-encoding: *chunked *\\r\\n");

    /** @throws IllegalArgumentException when it is no http URL */
    static LoadRequest of(String url) {
        Matcher parts =
                Pattern.compile("http://([^/:]+)(?::([0-9]{1,5}))?(/[^\\s]*)").matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'%s' is no URL such as http://shop.stage.svc:8080/".formatted(url));
        }
        int port = parts.group(2) == null ? HTTP_PORT : Integer.parseInt(parts.group(2));
        return new LoadRequest(parts.group(1), port, parts.group(3));
    }

    /** Answers what went wrong, in few words; null when there was a whole answer below 500. */
    @Nullable
    String send() {
        return send(PATIENCE_SECONDS);
    }

    /** The same with another patience. */
    @Nullable
    String send(int seconds) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            return "its name not resolved";
        }
        AtomicBoolean hungUp = new AtomicBoolean();
        try (Socket socket = new Socket()) {
            Thread patience = Thread.startVirtualThread(() -> hangUp(socket, seconds, hungUp));
            try {
                socket.connect(address);
                socket.getOutputStream()
                        .write(
                                "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: segue-rehearsal\r\nAccept: */*\r\nConnection: close\r\n\r\n"
                                        .formatted(path, host, port)
                                        .getBytes(StandardCharsets.US_ASCII));
                return judged(read(socket.getInputStream()));
            } finally {
                patience.interrupt();
            }
        } catch (IOException e) {
            return hungUp.get() ? "no answer within %d s".formatted(seconds) : trouble(e);
        }
    }

    private static void hangUp(Socket socket, int seconds, AtomicBoolean hungUp) {
        try {
            for (int i = 0; i < seconds; i++) {
                Thread.sleep(Duration.ofSeconds(1));
            }
            hungUp.set(true);
            socket.close();
        } catch (InterruptedException e) {
            // the answer is there
        } catch (IOException e) {
            // it is closed all the same
        }
    }

    private static String trouble(IOException e) {
        return switch (e) {
            case NoRouteToHostException _, UnknownHostException _ -> "no route to the host";
            case ConnectException _ -> "the connection refused";
            default -> "the connection reset";
        };
    }

    private static byte[] read(InputStream in) throws IOException {
        var answer = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        for (int read = in.read(part); read >= 0; read = in.read(part)) {
            answer.write(part, 0, read);
            if (answer.size() > MAX_ANSWER_BYTES) {
                break;
            }
        }
        return answer.toByteArray();
    }

    private static @Nullable String judged(byte[] answer) {
        if (answer.length == 0) {
            return "the connection closed without an answer";
        }
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int body = text.indexOf("\r\n\r\n");
        Matcher status = STATUS.matcher(text);
        if (body < 0 || !status.lookingAt()) {
            return "an answer that is not HTTP";
        }
        if (Integer.parseInt(status.group(1)) >= SERVER_ERROR) {
            return "HTTP " + status.group(1);
        }
        String head = text.substring(0, body + 2);
        Matcher length = LENGTH.matcher(head);
        boolean whole = length.find()
                ? text.length() - body - 4 >= Math.min(Long.parseLong(length.group(1)), MAX_ANSWER_BYTES)
                : !CHUNKED.matcher(head).find() || text.endsWith("0\r\n\r\n");
        return whole ? null : "an answer that ended too soon";
    }
}
