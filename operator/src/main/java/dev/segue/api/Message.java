package dev.segue.api;

import org.jspecify.annotations.Nullable;

/**
 * A sentence in the status. Others write into it (Prometheus, admission webhooks, the kubelet) at any length; the status
 * must stay one that the API server takes, or nothing is written any more.
 */
final class Message {
    /** In characters; the schema allows conditions 32 times as much. */
    static final int MAX = 1024;

    private Message() {}

    static String cut(String text) {
        if (text.length() <= MAX) {
            return text;
        }
        int end = MAX - 1;
        if (Character.isHighSurrogate(text.charAt(end - 1))) {
            end--; // half a character is none
        }
        return text.substring(0, end) + "…";
    }

    static @Nullable String cutOrNull(@Nullable String text) {
        return text == null ? null : cut(text);
    }
}
