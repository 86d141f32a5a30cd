package dev.segue.shell;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes what a watch brings in plain ASCII before the client reads it, as JSON can: {@code \\u00d7} for ×. The client
 * (fabric8 7.8.0, {@code WatchHTTPManager}) takes the backing array of what it decoded, which has a NUL at its end for each
 * byte that a character has beyond its first, and it decodes each piece of an answer by itself. So one umlaut in any
 * Migration ends the watch, and the operator with it. Thread-safe.
 */
final class PlainWatches implements Interceptor {
    /** One answer's way. Its pieces come one after the other. */
    private static final class Escape {
        private int codePoint;
        private int missing;

        ByteBuffer apply(ByteBuffer piece) {
            var plain = new ByteArrayOutputStream(piece.remaining());
            while (piece.hasRemaining()) {
                int next = piece.get() & 0xFF;
                if (next < 0x80) {
                    plain.write(next);
                } else if (next >= 0xC0) {
                    missing = next >= 0xF0 ? 3 : next >= 0xE0 ? 2 : 1;
                    codePoint = next & (0x3F >> missing);
                } else {
                    codePoint = (codePoint << 6) | (next & 0x3F);
                    missing--;
                    if (missing == 0) {
                        write(plain);
                    }
                }
            }
            return ByteBuffer.wrap(plain.toByteArray());
        }

        private void write(ByteArrayOutputStream plain) {
            for (char unit : Character.toChars(codePoint)) {
                plain.writeBytes("\\u%04x".formatted((int) unit).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        if (!isWatch(request)) {
            return consumer;
        }
        var escape = new Escape();
        return (pieces, body) ->
                consumer.consume(pieces.stream().map(escape::apply).toList(), body);
    }

    static boolean isWatch(HttpRequest request) {
        String query = request.uri().getQuery();
        return query != null && query.contains("watch=true");
    }
}
