package dev.segue.e2e.referee;

/**
 * A promise that was broken.
 *
 * @param revision of the observation that broke it
 * @param object as {@code Service/shop}: what was to be protected
 * @param text what was seen, in a sentence
 */
public record Violation(Invariant invariant, long revision, String object, String text) {
    static Violation of(Invariant invariant, Change change, String text) {
        return new Violation(invariant, change.seen().revision(), change.seen().name(), text);
    }

    @Override
    public String toString() {
        return "%s at revision %d, %s: %s (%s)".formatted(invariant, revision, object, text, invariant.text());
    }
}
