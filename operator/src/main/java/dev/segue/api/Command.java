package dev.segue.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a user can ask for by the annotation {@link Migration#COMMAND_ANNOTATION}. */
public enum Command {
    /** Go back to the source, from wherever the migration is, up to the handover. */
    ABORT;

    /** The command of this name, empty when there is none. */
    public static Optional<Command> parse(String text) {
        return Arrays.stream(values()).filter(c -> c.text().equals(text)).findFirst();
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
