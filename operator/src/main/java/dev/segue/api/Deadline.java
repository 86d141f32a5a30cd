package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long things may take. */
public record Deadline(
        @JsonPropertyDescription("How long the target's pods may take to become available, in Preparing and whenever a"
                + " step or a handover needs more of them.")
        @Default("15m")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String prepare,

        @JsonPropertyDescription("How long the migration may take from Preparing to the end of the soak.")
        @Default("48h")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String total) {

    static final Deadline DEFAULT = new Deadline(null, null);

    public Duration prepareOrDefault() {
        return Durations.parse(prepare == null ? "15m" : prepare);
    }

    public Duration totalOrDefault() {
        return Durations.parse(total == null ? "48h" : total);
    }
}
