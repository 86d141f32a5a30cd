package dev.segue.shell;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Takes out of a text what is in a Secret: a test's last word or its log may contain it. */
final class Redaction {
    /** A shorter value is in every text. */
    private static final int SHORTEST = 4;

    private Redaction() {}

    /** @param secrets in base64, as a Secret has them */
    static String of(String text, List<String> secrets) {
        // The longest first: one that begins another would leave the other's rest.
        List<String> values = secrets.stream()
                .flatMap(encoded -> {
                    String plain = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
                    return Stream.of(plain, plain.strip(), encoded);
                })
                .filter(value -> value.length() >= SHORTEST)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        String clean = text;
        for (String value : values) {
            clean = clean.replace(value, "[redacted]");
        }
        return clean;
    }
}
