package dev.segue.e2e.hands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.stage.Migrations;
import java.util.ArrayList;
import java.util.List;

/** What becomes of a migration after a hand. */
sealed interface Outcome {
    /** Waits for it, and fails when something else happens. */
    void await(Play play) throws Exception;

    /** Its phases and reasons, in the order in which they are seen; docs/other-hands.md names the same. */
    List<String> words();

    /**
     * It comes to this end.
     *
     * @param causes of which it has one, as Kubernetes words some things now so, now so; empty when it has none
     */
    record Ends(Phase phase, List<String> causes) implements Outcome {
        @Override
        public void await(Play play) {
            Migration end = play.reached(phase);
            Cause given = Migrations.status(end).cause();
            assertThat(given == null ? List.of() : List.of(given.reason()))
                    .as("the cause, of %s", causes)
                    .hasSize(causes.isEmpty() ? 0 : 1)
                    .isSubsetOf(causes);
            if (given != null
                    && !given.reason().equals("Aborted")
                    && !given.reason().equals("Deleted")) {
                assertThat(given.remedy()).as("the remedy of %s", given).isNotBlank();
            }
        }

        @Override
        public List<String> words() {
            List<String> words = new ArrayList<>(List.of(phase.name()));
            words.addAll(causes);
            return words;
        }
    }

    /** It needs a human, who does what is to be done and deletes it. */
    record Sticks(String cause, Hand remedy) implements Outcome {
        @Override
        public void await(Play play) throws Exception {
            new Ends(Phase.Stuck, List.of(cause)).await(play);
            play.move(remedy);
            play.lab().delete(Lab.MIGRATION);
            play.lab().migrations().awaitDeleted(Lab.MIGRATION);
        }

        @Override
        public List<String> words() {
            return List.of(Phase.Stuck.name(), cause);
        }
    }

    /** It says what it waits for and what to do about it; once that is done, it goes on. */
    record Waits(String reason, String says, Hand remedy, Outcome next) implements Outcome {
        @Override
        public void await(Play play) throws Exception {
            Migration waiting = play.waiting(reason);
            String message = Migrations.status(waiting)
                    .condition("Waiting")
                    .map(Condition::message)
                    .orElse("");
            assertThat(message).as("what it says about %s", reason).contains(says);
            play.move(remedy);
            next.await(play);
        }

        @Override
        public List<String> words() {
            List<String> words = new ArrayList<>(List.of(reason));
            words.addAll(next.words());
            return words;
        }
    }

    /** Its plan is run, and this comes of it. */
    record Runs(Outcome next) implements Outcome {
        @Override
        public void await(Play play) throws Exception {
            play.lab().run(Lab.MIGRATION);
            next.await(play);
        }

        @Override
        public List<String> words() {
            return next.words();
        }

        @Override
        public boolean usual() {
            return next.usual();
        }
    }

    /** It goes, with all that is in its namespace. */
    record Vanishes() implements Outcome {
        @Override
        public void await(Play play) {
            play.awaitNamespaceGone();
        }

        @Override
        public List<String> words() {
            return List.of();
        }
    }

    /** It is answered by this event. */
    record Tells(String event, Outcome first) implements Outcome {
        @Override
        public void await(Play play) throws Exception {
            first.await(play);
            play.awaitEvent(event);
        }

        @Override
        public List<String> words() {
            List<String> words = new ArrayList<>(List.of(event));
            words.addAll(first.words());
            return words;
        }
    }

    /** After that, this is so. */
    record Then(Outcome first, Hand check, List<String> more) implements Outcome {
        @Override
        public void await(Play play) throws Exception {
            first.await(play);
            check.move(play);
        }

        @Override
        public List<String> words() {
            List<String> words = new ArrayList<>(first.words());
            words.addAll(more);
            return words;
        }
    }

    /** What the others have no words for. */
    record Is(Hand check, List<String> words) implements Outcome {
        @Override
        public void await(Play play) throws Exception {
            check.move(play);
        }
    }

    /** Whether it is the end that it would have come to anyway. */
    default boolean usual() {
        return equals(completes()) || equals(aborted());
    }

    static Outcome is(Hand check, String... words) {
        return new Is(check, List.of(words));
    }

    default Outcome telling(String event) {
        return new Tells(event, this);
    }

    default Outcome then(Hand check, String... words) {
        return new Then(this, check, List.of(words));
    }

    static Outcome whenRun(Outcome next) {
        return new Runs(next);
    }

    static Outcome completes() {
        return new Ends(Phase.Completed, List.of());
    }

    static Outcome reverts(String... causes) {
        return new Ends(Phase.Reverted, List.of(causes));
    }

    static Outcome fails(String cause) {
        return new Ends(Phase.Failed, List.of(cause));
    }

    static Outcome sticks(String cause, Hand remedy) {
        return new Sticks(cause, remedy);
    }

    /** @param says a part of what the condition's message has to say */
    static Outcome waits(String reason, String says, Hand remedy, Outcome next) {
        return new Waits(reason, says, remedy, next);
    }

    static Outcome vanishes() {
        return new Vanishes();
    }

    static Outcome aborted() {
        return reverts("Aborted");
    }
}
