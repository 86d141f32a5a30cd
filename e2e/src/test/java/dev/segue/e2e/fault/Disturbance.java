package dev.segue.e2e.fault;

/** What is done to an operator's requests. Called on the thread of each request, so by several at a time. */
@FunctionalInterface
public interface Disturbance {
    Disturbance NONE = request -> Fault.NONE;

    /** Asked before the request is forwarded. */
    Fault on(ApiRequest request);

    /** Told when the API server has accepted the request, before the operator hears of it. */
    default void accepted(ApiRequest request) {}

    /** Told when the API server itself has refused the request, with this HTTP status. */
    default void refused(ApiRequest request, int code) {}
}
