package dev.segue.e2e.referee;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** {@link Invariant#INTENT} and, for all objects but the Migrations, {@link Invariant#IDLE}. */
final class Writes implements Rule {
    /** During these the operator only watches. */
    private static final Set<String> WATCHING = Set.of("Hold", "Soak", "AwaitRun");

    @Override
    public List<Violation> check(Change change, World world) {
        return Acts.of(change, world).stream()
                .flatMap(done -> judge(change, done, world).stream())
                .toList();
    }

    private static Optional<Violation> judge(Change change, Acts.Done done, World world) {
        Optional<Migration> migration = done.migration().flatMap(name -> world.find(Migration.class, name));
        // The report is written before the first act on the user's objects as well, and goes with the Migration.
        boolean reports = migration.isPresent() && done.act() == Act.WRITE_REPORT;
        boolean atWork = reports
                || (migration.isPresent()
                        && world.running().stream()
                                .anyMatch(r -> r.migration()
                                        .equals(migration.get().getMetadata().getName())));
        if (!atWork) {
            String state = migration
                    .map(m -> "Migration %s is %s"
                            .formatted(
                                    m.getMetadata().getName(), World.status(m).phaseOrPending()))
                    .orElse("no Migration is at work");
            return Optional.of(Violation.of(Invariant.IDLE, change, "%s while %s".formatted(done.act(), state)));
        }
        MigrationStatus status = World.status(migration.get());
        if (isIdle(migration.get())) {
            return Optional.of(
                    Violation.of(Invariant.IDLE, change, "%s during %s".formatted(done.act(), place(status))));
        }
        return done.act().intended(status)
                ? Optional.empty()
                : Optional.of(Violation.of(
                        Invariant.INTENT, change, "%s, but the status says %s".formatted(done.act(), place(status))));
    }

    /** Whether all that is asked of the operator is to watch. */
    static boolean isIdle(Migration m) {
        MigrationStatus status = World.status(m);
        boolean paused = m.getSpec().isPaused()
                && status.condition("Waiting").map(Condition::reason).equals(Optional.of("Paused"));
        return status.isTerminal() || paused || WATCHING.contains(Objects.requireNonNullElse(status.task(), ""));
    }

    static String place(MigrationStatus status) {
        return "%s/%s".formatted(status.phaseOrPending(), status.task());
    }
}
