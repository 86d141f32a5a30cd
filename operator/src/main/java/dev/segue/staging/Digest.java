package dev.segue.staging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 of an object's JSON, whatever the order of its fields and keys. */
public final class Digest {
    private static final JsonMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    /** In hexadecimal digits; 64 bits tell some hundred objects apart. */
    private static final int SHORT = 16;

    private Digest() {}

    /** Its first 16 hexadecimal digits. */
    public static String of(Object object) {
        return whole(object).substring(0, SHORT);
    }

    /** All of its 64 hexadecimal digits. */
    public static String whole(Object object) {
        try {
            // Through a map: a tree keeps the order in which an object lists its fields.
            Object plain = CANONICAL.convertValue(object, Object.class);
            return HexFormat.of().formatHex(sha256(CANONICAL.writeValueAsString(plain)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an object that is no JSON: " + object.getClass(), e);
        }
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
