package dev.segue.e2e.referee;

/**
 * One object that was created in the namespace, or was there already. Another one of the same name is another object.
 *
 * @param name as {@code Pod/app-1}
 * @param gone whether it no longer exists
 */
public record Lifespan(String name, boolean gone) {}
