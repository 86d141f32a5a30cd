package dev.segue.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a user can ask for by the annotation {@link Migration#COMMAND_ANNOTATION}. A value is taken once, when it is first
 * seen; what follows an {@code @} only makes it another one, so {@code promote@2} can follow {@code promote@1}.
 */
public enum Command {
    /** Go back to the source, from wherever the migration is, up to the handover. */
    ABORT,
    /** Skip what is left of this step's hold, or of the soak; checks and proofs are not skipped. */
    PROMOTE,
    /** Run again after Failed or Reverted; try the way back again after Stuck. */
    RETRY;

    /** The command that this value of the annotation gives, empty when it is none. */
    public static Optional<Command> parse(String value) {
        String verb = value.split("@", 2)[0];
        return Arrays.stream(values()).filter(c -> c.text().equals(verb)).findFirst();
    }

    /** As the user writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All commands as the user writes them, comma separated. */
    public static String choices() {
        return Arrays.stream(values()).map(Command::text).collect(Collectors.joining(", "));
    }
}
