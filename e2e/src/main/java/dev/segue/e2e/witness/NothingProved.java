package dev.segue.e2e.witness;

/** There is no result, and this is why; the message is fit for the user. */
public final class NothingProved extends Exception {
    private static final long serialVersionUID = 1L;

    private final String why;

    NothingProved(String why, Throwable cause) {
        super(why, cause);
        this.why = why;
    }

    NothingProved(String why) {
        super(why);
        this.why = why;
    }

    @Override
    public String getMessage() {
        return why;
    }
}
