package dev.segue.e2e.fault;

import static org.awaitility.Awaitility.await;

import dev.segue.e2e.stage.Migrations;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Ends all that an operator says at one of its writes, as SIGKILL at that moment does. */
final class Crash implements Disturbance {
    /** How far the write gets. */
    enum Way {
        BEFORE_IT("crash before it"),
        AFTER_IT("it landed, the reply was lost");

        private final String text;

        Way(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final Write at;
    private final Way way;
    private final Script script;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Crash(Write at, Way way, Script script) {
        this.at = at;
        this.way = way;
        this.script = script;
    }

    @Override
    public synchronized Fault on(ApiRequest request) {
        if (done.isDone()) {
            return new Fault.Cut();
        }
        script.on(request);
        if (!isHere(request)) {
            return Fault.NONE;
        }
        if (way == Way.BEFORE_IT) {
            done.complete(null);
            return new Fault.Cut();
        }
        return new Fault.LoseReply(); // refused, it did not land: the operator will try again
    }

    @Override
    public synchronized void accepted(ApiRequest request) {
        boolean last = way == Way.AFTER_IT && isHere(request);
        script.accepted(request);
        if (last) {
            done.complete(null);
        }
    }

    private boolean isHere(ApiRequest request) {
        return at.equals(script.journal().next(request));
    }

    /** Waits for it, or until this is so; answers whether it has come. */
    boolean awaitUnless(BooleanSupplier over) {
        await().atMost(Migrations.PATIENCE).until(() -> done.isDone() || over.getAsBoolean());
        return done.isDone();
    }
}
