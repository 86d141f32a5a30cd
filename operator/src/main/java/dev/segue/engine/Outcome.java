package dev.segue.engine;

import dev.segue.api.Finding;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Decision.Notice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a task says when it looks at the world. */
public sealed interface Outcome {
    /** The world is as the task wants it. */
    record Done() implements Outcome {}

    /** It is not, and these acts bring it about. */
    record Act(String progress, List<Action> actions) implements Outcome {
        Act(String progress, Action action) {
            this(progress, List.of(action));
        }
    }

    /**
     * It is not, and there is nothing to do but wait.
     *
     * @param waiting the reason of the condition Waiting when something outside has to change, null when it is a
     *     matter of time
     */
    record Await(@Nullable String waiting, String message) implements Outcome {
        Await(String message) {
            this(null, message);
        }
    }

    /**
     * What was seen of the copy of production is noted, before anything follows from it.
     *
     * @param task to go on with, null for the same
     * @param actions what is done before it is noted, and again when that was lost: nothing by which what was seen would
     *     be gone
     * @param notice what to tell, null when it is nobody's news
     */
    record Staged(
            StagingStatus status,
            @Nullable String task,
            List<Action> actions,
            @Nullable Notice notice,
            String progress) implements Outcome {
        Staged(StagingStatus status, String progress) {
            this(status, null, List.of(), null, progress);
        }

        Staged(StagingStatus status, Notice notice) {
            this(status, null, List.of(), notice, notice.message());
        }
    }

    /** It cannot be reached, and is not worth to be waited for: this is noted, and it goes on. */
    record Skip(Finding finding) implements Outcome {}

    /** What an earlier task had reached is lost: go back to it. */
    record Back(String task, String message) implements Outcome {}

    /** The handover cannot go this way: take the other one. */
    record Reroute(HandingOver.Route route, String message) implements Outcome {}

    /** It cannot be reached. */
    record Fail(Failure failure) implements Outcome {}

    Outcome DONE = new Done();
}
