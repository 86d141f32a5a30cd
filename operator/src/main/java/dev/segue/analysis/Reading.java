package dev.segue.analysis;

/** One evaluation of a query. Missing data is neither success nor harm, so it is a case of its own. */
public sealed interface Reading {
    /** The query gave one finite number. */
    record Value(double number) implements Reading {}

    /**
     * There is no number: the provider did not answer, the result was empty, or not a number.
     *
     * @param why a sentence for humans
     */
    record NoData(String why) implements Reading {}
}
