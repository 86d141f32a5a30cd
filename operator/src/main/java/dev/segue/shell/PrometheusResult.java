package dev.segue.shell;

import java.util.List;
import java.util.function.Function;

/**
 * What became of a question to Prometheus. An outage says nothing about a release, a mistake in the Migration is its
 * author's to correct: they are told apart. No text in here holds a value of a Secret.
 */
public sealed interface PrometheusResult<T> {
    /**
     * Prometheus answered.
     *
     * @param warnings its own, for example that a store did not answer and the data is partial
     */
    record Data<T>(T value, List<String> warnings) implements PrometheusResult<T> {}

    /**
     * Prometheus, or the way to it, is at fault: it may pass by itself.
     *
     * @param why a sentence for humans
     */
    record ProviderError<T>(String why) implements PrometheusResult<T> {}

    /**
     * The query, the address or the credentials are wrong: asking again changes nothing.
     *
     * @param why a sentence for humans, with what to change
     * @param tooLarge whether it is the answer's size, or how much Prometheus loads for it; a shorter range may do
     */
    record ConfigError<T>(String why, boolean tooLarge) implements PrometheusResult<T> {
        public ConfigError(String why) {
            this(why, false);
        }
    }

    /** The same with what the function makes of data; errors stay as they are. */
    default <R> PrometheusResult<R> then(Function<Data<T>, PrometheusResult<R>> function) {
        return switch (this) {
            case Data<T> data -> function.apply(data);
            case ProviderError<T>(String why) -> new ProviderError<>(why);
            case ConfigError<T>(String why, boolean tooLarge) -> new ConfigError<>(why, tooLarge);
        };
    }

    /** The same; but data with a warning, of a store that did not answer say, is a part, and a part says nothing. */
    default PrometheusResult<T> whole() {
        return then(data -> data.warnings().isEmpty()
                ? data
                : new ProviderError<>("Prometheus answers with a warning: " + String.join("; ", data.warnings())));
    }
}
