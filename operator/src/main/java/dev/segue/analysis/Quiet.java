package dev.segue.analysis;

import dev.segue.api.MigrationStatus.DrainStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Since when pods have had no requests. Unknown is not quiet. */
public final class Quiet {
    private Quiet() {}

    /** The drain's status after this reading. */
    public static DrainStatus fold(@Nullable DrainStatus before, Reading reading, Instant now) {
        return switch (reading) {
            case Reading.Missing missing -> new DrainStatus(null, null, missing.why());
            case Reading.Counted _, Reading.History _ ->
                throw new IllegalArgumentException("a drain is one number, and was counted");
            case Reading.Value(double number) when number > 0 -> new DrainStatus(number, null, null);
            case Reading.Value(double number) -> {
                Instant since = before == null ? null : before.quietSince();
                yield new DrainStatus(number, since == null ? now : since, null);
            }
        };
    }
}
