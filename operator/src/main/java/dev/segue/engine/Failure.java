package dev.segue.engine;

import org.jspecify.annotations.Nullable;

/**
 * Why something cannot go on.
 *
 * @param reason one word for machines, in UpperCamelCase
 * @param message what was seen, in a sentence
 * @param remedy what to do about it
 */
public record Failure(
        String reason, String message, @Nullable String remedy) {}
