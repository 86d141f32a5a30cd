package dev.segue.engine;

import dev.segue.api.Command;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Phase;
import java.time.Instant;
import java.util.Optional;

/** What a user's command leads to. Each is taken once, and answered by an event also when it has no effect. */
final class UserCommands {
    private UserCommands() {}

    private static Optional<String> unseen(Observed o) {
        return Optional.ofNullable(o.migration().command())
                .filter(value -> !value.equals(o.status().command()));
    }

    /** Whether there is an abort that was not seen before. */
    static boolean aborts(Observed o) {
        return unseen(o).flatMap(Command::parse).filter(c -> c == Command.ABORT).isPresent();
    }

    /** What follows from a command that was not seen before, empty when there is none. */
    static Optional<Decision> take(Observed o, StatusDraft draft) {
        Optional<String> unseen = unseen(o);
        if (unseen.isEmpty()) {
            return Optional.empty();
        }
        String value = unseen.get();
        Optional<Command> command = Command.parse(value);
        if (command.isEmpty()) {
            draft.tell(
                    true,
                    "UnknownCommand",
                    "annotation %s is '%s', which is not a command; known: %s"
                            .formatted(Migration.COMMAND_ANNOTATION, value, Command.choices()));
            return Optional.of(Planner.unmoved(o, draft, Planner.NOW));
        }
        return Optional.of(
                switch (command.get()) {
                    case ABORT -> abort(o, draft);
                    case PROMOTE -> promote(o, draft);
                    case RETRY -> retry(o, draft);
                });
    }

    private static Decision abort(Observed o, StatusDraft draft) {
        if (Planner.reversible(o)) {
            return Planner.revert(
                    o,
                    draft,
                    new Failure(
                            "Aborted",
                            "A user asked for it (annotation %s=abort)".formatted(Migration.COMMAND_ANNOTATION),
                            null));
        }
        Phase phase = o.status().phaseOrPending();
        String why = phase.terminal()
                ? "it has ended"
                : phase == Phase.Reverting
                        ? "it is going back already"
                        : "the Deployment has the new version; to go back, migrate to the old one";
        return ignored(o, draft, Command.ABORT, why);
    }

    private static Decision promote(Observed o, StatusDraft draft) {
        Phase phase = o.status().phaseOrPending();
        StepStatus step = draft.step();
        if (Staging.waitsStale(o)) {
            draft.staging(Staging.accepted(o));
            draft.tell(
                    false,
                    "Promoted",
                    "the verdict of the rehearsal is taken for production as it is, as a user asked");
            return Planner.unmoved(o, draft, Planner.NOW);
        }
        if ((phase != Phase.Shifting && phase != Phase.Soaking) || step == null) {
            return ignored(o, draft, Command.PROMOTE, "there is no hold to skip in " + phase);
        }
        Instant until = step.holdUntil();
        if (until != null
                && !o.now().isBefore(until)
                && Gate.unmet(o, draft.judgement()).isEmpty()) {
            return ignored(
                    o,
                    draft,
                    Command.PROMOTE,
                    "the hold is over; the conditions say what it waits for before it goes on");
        }
        draft.promote();
        draft.tell(
                false,
                "Promoted",
                "what is left of the hold of step %s is skipped, as a user asked, and evidence is not waited for; checks and proofs are not skipped"
                        .formatted(step.position()));
        return Planner.unmoved(o, draft, Planner.NOW);
    }

    private static Decision retry(Observed o, StatusDraft draft) {
        return switch (o.status().phaseOrPending()) {
            case Failed, Reverted -> {
                draft.again(Assessing.TURN.getFirst().name());
                yield Planner.moved(draft, Phase.Pending.description());
            }
            case Planned -> {
                Planning.again(draft, "a user asked for it");
                yield Planner.moved(draft, Phase.Pending.description());
            }
            case Stuck -> Planner.begin(o, draft, Phase.Stuck);
            case Completed -> ignored(o, draft, Command.RETRY, "it is completed");
            default -> ignored(o, draft, Command.RETRY, "it has not ended");
        };
    }

    private static Decision ignored(Observed o, StatusDraft draft, Command command, String why) {
        draft.tell(true, "CommandIgnored", "%s has no effect: %s".formatted(command.text(), why));
        return Planner.unmoved(o, draft, Planner.NOW);
    }
}
