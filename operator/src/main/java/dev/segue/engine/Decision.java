package dev.segue.engine;

import dev.segue.api.MigrationStatus;
import java.time.Duration;
import java.util.List;

/**
 * What follows from one look. A decision either moves on to another task (then it has no actions: the intent is
 * written first) or carries the actions of the task that the status names.
 *
 * @param next when to look again at the latest
 */
public record Decision(MigrationStatus status, List<Action> actions, List<Notice> notices, Duration next) {

    /** An event to tell, once the status is written. */
    public record Notice(boolean warning, String reason, String message) {}
}
