package dev.segue.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.segue.api.Message;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Takes out of a text what is in a Secret: a test's last word or its log may contain it. A Secret is often a file, and what a
 * program tells of it is one password in there, so its parts are taken out as well.
 */
final class Redaction {
    /** A shorter value is in every text. */
    private static final int SHORTEST = 4;

    /** And so is a shorter part of a file: true, 8080, INFO. */
    private static final int SHORTEST_PART = 8;

    /** In bytes. The kubelet keeps the last 2 KiB of a log, 4 KiB of a message; characters that it halved change a few. */
    private static final int CUT_FROM = 2_000;

    private static final String REDACTED = "[redacted]";
    private static final JsonMapper JSON = new JsonMapper();

    /** What follows the first one in a line, as in name=value or name: "value", without quotes and what ends the line. */
    private static final List<Pattern> ASSIGNED =
            Stream.of("=", ":").map(Redaction::assigned).toList();

    private static final Pattern PASSWORD_OF_URL = Pattern.compile("://[^/@\\s:]*:([^/@\\s]+)@");

    private Redaction() {}

    private static Pattern assigned(String sign) {
        return Pattern.compile("^[^%1$s]*%1$s[\\s\"']*(.*?)[\\s\"',;]*$".formatted(sign));
    }

    /** @param secrets in base64, as a Secret has them */
    static String of(String text, List<String> secrets) {
        // The longest first: one that begins another would leave the other's rest.
        List<String> values = secrets.stream()
                .flatMap(Redaction::told)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        String clean = withoutHalves(text, values);
        for (String value : values) {
            clean = clean.replace(value, REDACTED);
        }
        return clean;
    }

    private static Stream<String> told(String encoded) {
        String plain = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        return Stream.concat(
                        Stream.of(plain, plain.strip(), encoded).filter(value -> value.length() >= SHORTEST),
                        parts(plain).filter(part -> part.length() >= SHORTEST_PART))
                .flatMap(value -> {
                    String form = URLEncoder.encode(value, StandardCharsets.UTF_8);
                    return Stream.of(value, form, form.replace("+", "%20"));
                });
    }

    private static Stream<String> parts(String value) {
        Stream<String> lines = value.lines()
                .map(String::strip)
                .flatMap(line ->
                        Stream.concat(Stream.of(line), ASSIGNED.stream().flatMap(sign -> found(sign, line))));
        return Stream.of(lines, found(PASSWORD_OF_URL, value), leaves(value)).flatMap(all -> all);
    }

    private static Stream<String> found(Pattern pattern, String in) {
        return pattern.matcher(in).results().map(match -> match.group(1));
    }

    /** The texts of a JSON document, and their parts: a key in there has lines of its own. */
    private static Stream<String> leaves(String value) {
        if (!value.strip().startsWith("{") && !value.strip().startsWith("[")) {
            return Stream.of();
        }
        try {
            return texts(JSON.readTree(value)).flatMap(text -> Stream.concat(Stream.of(text), parts(text)));
        } catch (JsonProcessingException e) {
            return Stream.of(); // then it is none
        }
    }

    private static Stream<String> texts(JsonNode node) {
        return node.isTextual()
                ? Stream.of(node.textValue())
                : StreamSupport.stream(node.spliterator(), false).flatMap(Redaction::texts);
    }

    /** Where a text was cut, half a value may stand: at its beginning by the kubelet, at its end by a status of ours. */
    private static String withoutHalves(String text, List<String> values) {
        String clean = text;
        if (text.getBytes(StandardCharsets.UTF_8).length >= CUT_FROM) {
            int rest =
                    longest(values, (value, length) -> text.regionMatches(0, value, value.length() - length, length));
            clean = rest == 0 ? text : REDACTED + text.substring(rest);
        }
        if (clean.endsWith(Message.CUT)) {
            String before = clean.substring(0, clean.length() - Message.CUT.length());
            int half = longest(
                    values, (value, length) -> before.regionMatches(before.length() - length, value, 0, length));
            clean = half == 0 ? clean : before.substring(0, before.length() - half) + REDACTED + Message.CUT;
        }
        return clean;
    }

    /** Whether a text has so many characters of a value at its edge. */
    private interface Edge {
        boolean has(String value, int length);
    }

    private static int longest(List<String> values, Edge edge) {
        return values.stream()
                .flatMapToInt(value ->
                        IntStream.rangeClosed(SHORTEST, value.length()).filter(length -> edge.has(value, length)))
                .max()
                .orElse(0);
    }
}
