package dev.segue.e2e.fault;

import dev.segue.api.Phase;
import dev.segue.staging.StageName;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One way that a migration can take.
 *
 * @param setting where it is
 * @param component what it changes
 * @param spec the rest of its spec
 * @param cue what is done to it on the way, null for nothing
 * @param fleeting a task, as {@code Preparing/AwaitTarget}, that may be over before a status names it; null for none
 * @param part to which the crashes are limited, null when there is no limit
 * @param end the last phase that it is in
 */
record Path(
        String name,
        Setting setting,
        String component,
        String spec,
        @Nullable Cue cue,
        @Nullable String fleeting,
        @Nullable Part part,
        Phase end) {

    /** What there is beside the Deployment and its Service. */
    enum Setting {
        NOTHING,
        /** The pods keep data in a claim. */
        DATA,
        /** The pods name a ConfigMap, a Secret and another Service. */
        SURROUNDINGS
    }

    /** What someone, or something, does to a migration. */
    enum Deed {
        ABORT,
        DELETE,
        /** Its plan is to be run. */
        RUN,
        /** The metric exceeds its limit. */
        FAIL_METRIC
    }

    /**
     * When it is done: when the status first names this task, as {@code Soaking/Soak}, and before the operator knows that
     * its write was accepted. So it is at the same place among its writes in each run.
     *
     * @param migration whose status it is
     */
    record Cue(String migration, String task, Deed deed) {
        /** Of the write, as {@link ApiRequest#text()}. */
        String text() {
            return told(migration, task);
        }
    }

    /** From the status that first names a task up to the one that first names another. */
    record Part(String from, String to) {}

    static Path of(String name, String component, String spec, Phase end) {
        return new Path(name, Setting.NOTHING, component, spec, null, null, null, end);
    }

    static Path interrupted(Deed deed, String task, Phase end) {
        return interrupted(deed, task, Lab.to("2"), Lab.SWIFT, end);
    }

    static Path interrupted(Deed deed, String task, String component, String spec, Phase end) {
        var cue = new Cue(Lab.MIGRATION, task, deed);
        return new Path(name(deed, task), Setting.NOTHING, component, spec, cue, null, null, end);
    }

    /** While its moves are rehearsed. */
    static Path rehearsing(Deed deed, String migration, String task, String component, String spec, Phase end) {
        String name = "moves: %s%s".formatted(name(deed, task), migration.equals(Lab.MIGRATION) ? "" : " of the copy");
        return new Path(name, Setting.NOTHING, component, spec, new Cue(migration, task, deed), null, null, end);
    }

    private static String name(Deed deed, String task) {
        return "%s in %s".formatted(deed, task).toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    Path in(Setting other) {
        return new Path(name, other, component, spec, cue, fleeting, part, end);
    }

    Path withFleeting(String task) {
        return new Path(name, setting, component, spec, cue, task, part, end);
    }

    /** The rest is what another path does, and crashed at in that. */
    Path crashedBetween(String from, String to) {
        return new Path(name, setting, component, spec, cue, fleeting, new Part(from, to), end);
    }

    /** The same, from the cue on. */
    Path crashedUpTo(String to) {
        return crashedBetween(Objects.requireNonNull(cue).task(), to);
    }

    /** Of its writes those at which it is crashed: from the cue on, within its part. */
    List<Write> crashed(List<Write> writes) {
        List<String> texts = writes.stream().map(Write::text).toList();
        String from = cue != null ? cue.text() : part != null ? told(Lab.MIGRATION, part.from()) : texts.getFirst();
        int end = part == null ? texts.size() : texts.indexOf(told(Lab.MIGRATION, part.to()));
        return writes.subList(texts.indexOf(from), end);
    }

    /** Text of the write of a status that names this task. */
    private static String told(String migration, String task) {
        return "PUT migrations/%s/status %s".formatted(migration, task);
    }

    /** Whether a Migration of its own rehearses the moves in the copy. */
    boolean rehearsesMoves() {
        return spec.contains("rehearse: true");
    }

    /** Whether this write is not made in each run: after the cue the moves end with the copy, wherever they are. */
    boolean races(Write write) {
        return cue != null && write.by().equals(StageName.MOVES);
    }

    /** Whether nothing is left of the Migration itself. */
    boolean deleted() {
        return cue != null && cue.deed() == Deed.DELETE;
    }
}
