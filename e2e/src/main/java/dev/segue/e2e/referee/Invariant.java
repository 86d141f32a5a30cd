package dev.segue.e2e.referee;

/** What Segue promises at every moment of a migration. */
public enum Invariant {
    CAPACITY("a Service never has fewer ready endpoints than the Deployment had pods at the start"),
    SERVING_PODS("no pod is stopped while a Service may send to it"),
    NARROWING("a Service is never narrowed to pods that are not ready at full capacity at that moment"),
    INTENT("the status names what is done before it is done"),
    IDLE("nothing is written while nothing is to be done"),
    EVENTS("one event at most for each transition, and none without one"),
    USER_FIELDS("of the user's objects only the documented fields are written, and as documented");

    private final String text;

    Invariant(String text) {
        this.text = text;
    }

    /** In a sentence, without a full stop. */
    public String text() {
        return text;
    }
}
