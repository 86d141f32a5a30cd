package dev.segue.shell;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read as it comes: raw samples as a tree of JSON would take ten times their size.
 *
 * @param status success or error; empty when it is missing
 * @param type of the result: scalar, vector, matrix or string
 * @param series those of a vector or a matrix; a scalar is one without labels
 * @param histograms how many series have native histograms, which are not read
 * @param error in Prometheus' own words
 */
record PrometheusBody(
        String status,
        String type,
        List<Series> series,
        int histograms,
        @Nullable String errorType,
        @Nullable String error,
        List<String> warnings) {
    static final PrometheusBody NONE = new PrometheusBody("", "", List.of(), 0, null, null, List.of());

    /**
     * @param largest in bytes; some thousand more may be read
     * @param redact takes out of a text what must not be told
     * @throws StreamConstraintsException when it is larger, or nested beyond measure
     * @throws com.fasterxml.jackson.core.JsonProcessingException when it is not JSON, or of another shape
     * @throws IOException when the connection breaks
     */
    static PrometheusBody read(InputStream in, long largest, UnaryOperator<String> redact) throws IOException {
        JsonFactory json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxDocumentLength(largest)
                        .build())
                .build();
        try (JsonParser parser = json.createParser(in)) {
            return new Reader(parser, redact).body();
        }
    }

    private static final class Reader {
        private final JsonParser parser;
        private final UnaryOperator<String> redact;
        private String status = "";
        private String type = "";
        private final List<Series> series = new ArrayList<>();
        private int histograms;
        private @Nullable String errorType;
        private @Nullable String error;
        private final List<String> warnings = new ArrayList<>();

        Reader(JsonParser parser, UnaryOperator<String> redact) {
            this.parser = parser;
            this.redact = redact;
        }

        PrometheusBody body() throws IOException {
            parser.nextToken();
            expect(JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "status" -> status = parser.getText();
                    case "errorType" -> errorType = parser.getText();
                    case "error" -> error = redact.apply(parser.getText());
                    case "warnings" -> texts();
                    case "data" -> data();
                    default -> parser.skipChildren();
                }
            }
            expect(JsonToken.END_OBJECT);
            return new PrometheusBody(status, type, series, histograms, errorType, error, warnings);
        }

        private void texts() throws IOException {
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    warnings.add(redact.apply(parser.getText()));
                }
            }
        }

        private void data() throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "resultType" -> type = parser.getText();
                    case "result" -> result();
                    default -> parser.skipChildren();
                }
            }
        }

        /** An array of series, or [time, "value"] of a scalar. */
        private void result() throws IOException {
            expect(JsonToken.START_ARRAY);
            JsonToken first = parser.nextToken();
            if (first != null && first.isScalarValue()) {
                series.add(new Series(Map.of(), List.of(restOfSample())));
                return;
            }
            for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken()) {
                series.add(oneSeries());
            }
        }

        private Series oneSeries() throws IOException {
            expect(JsonToken.START_OBJECT);
            Map<String, String> labels = new HashMap<>();
            List<Sample> samples = new ArrayList<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "metric" -> {
                        while (parser.nextToken() == JsonToken.FIELD_NAME) {
                            labels.put(
                                    parser.currentName(), parser.nextTextValue()); // never told; pods are known by them
                        }
                    }
                    case "value" -> samples.add(sample());
                    case "values" -> {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            samples.add(sample());
                        }
                    }
                    case "histogram", "histograms" -> {
                        histograms++;
                        parser.skipChildren();
                    }
                    default -> parser.skipChildren();
                }
            }
            return new Series(labels, samples);
        }

        private Sample sample() throws IOException {
            expect(JsonToken.START_ARRAY);
            parser.nextToken();
            return restOfSample();
        }

        private Sample restOfSample() throws IOException {
            long at = Math.round(parser.getValueAsDouble() * 1000);
            parser.nextToken();
            double value = number(parser.getText());
            parser.nextToken();
            expect(JsonToken.END_ARRAY);
            return new Sample(at, value);
        }

        private void expect(JsonToken wanted) throws IOException {
            if (parser.currentToken() != wanted) {
                throw new JsonParseException(parser, "not what Prometheus answers");
            }
        }

        /** As Go writes it. What is no number, a string's value say, is NaN. */
        private static double number(@Nullable String text) {
            return switch (text) {
                case null -> Double.NaN;
                case "+Inf" -> Double.POSITIVE_INFINITY;
                case "-Inf" -> Double.NEGATIVE_INFINITY;
                default -> {
                    try {
                        yield Double.parseDouble(text);
                    } catch (NumberFormatException e) {
                        yield Double.NaN;
                    }
                }
            };
        }
    }
}
