package dev.segue.shell;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.segue.analysis.NativeHistogram;
import dev.segue.analysis.NativeHistogram.Bucket;
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
 * @param error in Prometheus' own words
 */
record PrometheusBody(
        String status,
        String type,
        List<Series> series,
        @Nullable String errorType,
        @Nullable String error,
        List<String> warnings) {
    static final PrometheusBody NONE = new PrometheusBody("", "", List.of(), null, null, List.of());

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
            return new PrometheusBody(status, type, series, errorType, error, warnings);
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
            List<NativeHistogram> histograms = new ArrayList<>();
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
                    case "histogram" -> histograms.add(histogram());
                    case "histograms" -> {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            histograms.add(histogram());
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
            return new Series(labels, samples, histograms);
        }

        private Sample sample() throws IOException {
            expect(JsonToken.START_ARRAY);
            parser.nextToken();
            return restOfSample();
        }

        private Sample restOfSample() throws IOException {
            long at = time();
            double value = number(parser.getText());
            parser.nextToken();
            expect(JsonToken.END_ARRAY);
            return new Sample(at, value);
        }

        /** Of the present token, and goes to the next. */
        private long time() throws IOException {
            long at = Math.round(parser.getValueAsDouble() * 1000);
            parser.nextToken();
            return at;
        }

        /** [time, {"count": "3", "sum": "0.7", "buckets": [...]}], without buckets when all are empty. */
        private NativeHistogram histogram() throws IOException {
            expect(JsonToken.START_ARRAY);
            parser.nextToken();
            long at = time();
            expect(JsonToken.START_OBJECT);
            double count = Double.NaN;
            List<Bucket> buckets = new ArrayList<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "count" -> count = number(parser.getText());
                    case "buckets" -> {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            buckets.add(bucket());
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
            parser.nextToken();
            expect(JsonToken.END_ARRAY);
            return new NativeHistogram(at, count, buckets);
        }

        /** [rule, "lower", "upper", "count"]; which of its edges belong to it makes no difference above 0. */
        private Bucket bucket() throws IOException {
            expect(JsonToken.START_ARRAY);
            parser.nextToken();
            Bucket bucket = new Bucket(
                    number(parser.nextTextValue()), number(parser.nextTextValue()), number(parser.nextTextValue()));
            parser.nextToken();
            expect(JsonToken.END_ARRAY);
            return bucket;
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
