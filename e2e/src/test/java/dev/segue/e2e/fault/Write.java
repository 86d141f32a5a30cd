package dev.segue.e2e.fault;

/**
 * One write of an operator, the same in each run of the same path.
 *
 * @param by the Migration for which it was made
 * @param text as {@link ApiRequest#text()}, without what is another one each time
 * @param occurrence from 1, as a text can come again
 * @param task that the status named when it was made, with its phase
 */
record Write(String by, String text, int occurrence, String task) {
    boolean toStatus() {
        return text.contains("/status ");
    }

    /** Writes of one kind do the same for the same reason. */
    String kind() {
        String[] place = task.split("/");
        return toStatus()
                ? "status of %s in %s".formatted(by, text.split(" ")[2].split("/")[0])
                : "%s: %s %s".formatted(by, place[place.length - 1], text);
    }

    @Override
    public String toString() {
        String said = by.equals(Lab.MIGRATION) ? text : "%s: %s".formatted(by, text);
        return occurrence == 1 ? said : "%s (%d)".formatted(said, occurrence);
    }
}
