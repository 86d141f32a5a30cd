package dev.segue.api;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A sentence in the status, and the same one in an event. Others write into it (Prometheus, admission webhooks, the
 * kubelet) at any length; it must stay one that the API server takes, or nothing is written any more.
 */
public final class Message {
    /** In bytes of UTF-8: what the API server takes as the note of an event. Conditions may have 32 times as much. */
    static final int MAX = 1024;

    /** What a text ends with that was longer. */
    public static final String CUT = "…";

    private static final int ROOM = MAX - CUT.getBytes(StandardCharsets.UTF_8).length;

    private Message() {}

    /** The same, or its beginning and an ellipsis; never half a character. */
    public static String cut(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= MAX) {
            return text;
        }
        CharBuffer beginning = CharBuffer.wrap(text);
        StandardCharsets.UTF_8.newEncoder().encode(beginning, ByteBuffer.allocate(ROOM), true);
        return text.substring(0, beginning.position()) + CUT;
    }

    static @Nullable String cutOrNull(@Nullable String text) {
        return text == null ? null : cut(text);
    }
}
