package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rehearsal in an isolated copy of production, as far as it has come. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StagingStatus(
        @JsonPropertyDescription("The namespace of the copy.")
        String namespace,

        @JsonPropertyDescription("Its UID, once it was seen.") @Nullable
        String uid,

        @JsonPropertyDescription("Which rehearsal it is, from 1: a change of production may lead to another one.")
        int attempt,

        @JsonPropertyDescription("Passed or Failed; absent until it is known.") @Nullable
        String verdict,

        @JsonPropertyDescription("The verdict in a sentence.") @Nullable
        String message,

        @JsonPropertyDescription("When the verdict was reached.") @Nullable
        Instant at,

        @JsonPropertyDescription("Whether the network keeps staging apart: Enforced, NotEnforced or Unknown.") @Nullable
        String isolation,

        @JsonPropertyDescription("What was copied of production, with a digest of it.") @Size(max = 200) @Nullable
        List<Copied> objects,

        @JsonPropertyDescription("The Jobs.") @Size(max = 32) @Nullable
        List<TestStatus> tests,

        @JsonPropertyDescription("Why the verdict does not hold any more; absent while it does.") @Nullable
        String stale,

        @JsonPropertyDescription("Until when a namespace that is kept stays.") @Nullable
        Instant keptUntil,

        @JsonPropertyDescription("When nothing of the copy was left.") @Nullable
        Instant removedAt,

        @JsonPropertyDescription("The snapshots of production's volumes; there may be objects of them in the cluster.")
        @Size(max = 20)
        @Nullable
        List<SnapshotStatus> snapshots) {

    public StagingStatus {
        objects = objects == null ? List.of() : List.copyOf(objects);
        tests = tests == null ? List.of() : List.copyOf(tests);
        snapshots = snapshots == null ? List.of() : List.copyOf(snapshots);
        message = Message.cutOrNull(message);
        stale = Message.cutOrNull(stale);
    }

    /** Before anything was made. */
    public static StagingStatus begin(String namespace, int attempt) {
        return new StagingStatus(namespace, null, attempt, null, null, null, null, null, null, null, null, null, null);
    }

    /** One object of production that staging has a copy of. */
    public record Copied(
            @JsonPropertyDescription("Kind and name, as ConfigMap/settings.") @Required
            String object,

            @JsonPropertyDescription("Of what was copied; of a Secret it says which version, not what is in it.")
            String digest) {}

    /** One volume of production of which a snapshot is taken. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SnapshotStatus(
            @JsonPropertyDescription("The volume claim.") @Required
            String claim,

            @JsonPropertyDescription("Name of its VolumeSnapshot, of the one in the copy, and of what joins them.")
            @Required
            String name,

            @JsonPropertyDescription("When the storage took it.") @Nullable
            Instant takenAt) {}

    /** One Job. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TestStatus(
            @JsonPropertyDescription("Name of the test.") @Required
            String name,

            @JsonPropertyDescription("Running, Passed or Failed.")
            String state,

            @JsonPropertyDescription("Which try it is, from 1.")
            int attempt,

            @JsonPropertyDescription("When this try began.") Instant startedAt,

            @JsonPropertyDescription("When it ended.") @Nullable
            Instant endedAt,

            @JsonPropertyDescription("What it said, or why it failed.") @Nullable
            String message) {

        public TestStatus {
            message = Message.cutOrNull(message);
        }

        public boolean passed() {
            return "Passed".equals(state);
        }

        public boolean failed() {
            return "Failed".equals(state);
        }
    }

    public List<Copied> objectsOrEmpty() {
        return objects == null ? List.of() : objects;
    }

    public List<SnapshotStatus> snapshotsOrEmpty() {
        return snapshots == null ? List.of() : snapshots;
    }

    public List<TestStatus> testsOrEmpty() {
        return tests == null ? List.of() : tests;
    }

    /** The rehearsal after this one, which is null before the first. What is left of its snapshots is still to be removed. */
    public static StagingStatus next(String namespace, @Nullable StagingStatus before) {
        StagingStatus next = begin(namespace, attemptAfter(before));
        return before == null ? next : next.snapshotting(before.snapshotsOrEmpty());
    }

    /** Of the rehearsal after this one, which is null before the first. */
    public static int attemptAfter(@Nullable StagingStatus before) {
        return before == null ? 1 : before.attempt() + 1;
    }

    /** The same once its namespace was seen. */
    public StagingStatus seen(String namespaceUid) {
        return new StagingStatus(
                namespace,
                namespaceUid,
                attempt,
                verdict,
                message,
                at,
                isolation,
                objects,
                tests,
                stale,
                keptUntil,
                removedAt,
                snapshots);
    }

    /** The same with what was copied. */
    public StagingStatus copied(List<Copied> copies) {
        return new StagingStatus(
                namespace, uid, attempt, verdict, message, at, isolation, copies, tests, stale, keptUntil, removedAt,
                snapshots);
    }

    /** The same with these snapshots. */
    public StagingStatus snapshotting(List<SnapshotStatus> all) {
        return new StagingStatus(
                namespace, uid, attempt, verdict, message, at, isolation, objects, tests, stale, keptUntil, removedAt,
                all);
    }

    /** The same with this test as it is now. */
    public StagingStatus with(TestStatus test) {
        List<TestStatus> others = new ArrayList<>(testsOrEmpty());
        others.replaceAll(t -> t.name().equals(test.name()) ? test : t);
        if (!others.contains(test)) {
            others.add(test);
        }
        return new StagingStatus(
                namespace, uid, attempt, verdict, message, at, isolation, objects, others, stale, keptUntil, removedAt,
                snapshots);
    }

    /** The same with what is known of the network. */
    public StagingStatus isolated(String answer) {
        return new StagingStatus(
                namespace, uid, attempt, verdict, message, at, answer, objects, tests, stale, keptUntil, removedAt,
                snapshots);
    }

    /** The same with its verdict. */
    public StagingStatus judged(String result, String sentence, Instant when, @Nullable Instant kept) {
        return new StagingStatus(
                namespace, uid, attempt, result, sentence, when, isolation, objects, tests, null, kept, removedAt,
                snapshots);
    }

    /** The same with why the verdict does not hold any more, null when it does. */
    public StagingStatus stale(@Nullable String why) {
        return new StagingStatus(
                namespace, uid, attempt, verdict, message, at, isolation, objects, tests, why, keptUntil, removedAt,
                snapshots);
    }

    /** The same when nothing is left in the cluster. */
    public StagingStatus removed(Instant when) {
        return new StagingStatus(
                namespace, uid, attempt, verdict, message, at, isolation, objects, tests, stale, null, when, snapshots);
    }

    /** The test of this name, empty when it has not begun. */
    public Optional<TestStatus> test(String name) {
        return testsOrEmpty().stream().filter(t -> t.name().equals(name)).findFirst();
    }

    public boolean passed() {
        return "Passed".equals(verdict);
    }

    /** Whether there may be something of it in the cluster. */
    public boolean present() {
        return removedAt == null;
    }
}
