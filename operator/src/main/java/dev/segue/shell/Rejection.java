package dev.segue.shell;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.concurrent.TimeoutException;

/** What it means that the API server did not do what it was asked. */
enum Rejection {
    /** A conflict, a failed test of a patch, an object that is gone: what was decided on is no longer so. */
    MOVED_ON,
    /** It understood the write and will not have it: a policy, a quota, missing rights. Asking again changes nothing. */
    REFUSED,
    /** It did not answer, or could not. */
    FAILED;

    private static final int UNPROCESSABLE = 422;

    static Rejection of(KubernetesClientException e) {
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_CONFLICT, HttpURLConnection.HTTP_NOT_FOUND -> MOVED_ON;
            case HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_BAD_REQUEST -> REFUSED;
            case UNPROCESSABLE -> invalid(e) ? REFUSED : MOVED_ON;
            default -> FAILED;
        };
    }

    /** What the API server said, or what kept it from saying anything, for whoever reads a status. */
    static String inWords(Exception failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof KubernetesClientException e && e.getStatus() != null)) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case KubernetesClientException e -> "%s (%d)".formatted(Changes.reason(e), e.getCode());
            case TimeoutException _ -> "the API server did not answer in time";
            case IOException e ->
                e.getMessage() == null
                        ? "the connection to the API server was lost"
                        : "no connection to the API server: " + e.getMessage();
            default -> cause.toString(); // a defect, so the more is told the better
        };
    }

    /** A failed test of a JSON patch is a 422 too, but names no field. */
    private static boolean invalid(KubernetesClientException e) {
        return e.getStatus() != null
                && e.getStatus().getDetails() != null
                && !e.getStatus().getDetails().getCauses().isEmpty();
    }
}
