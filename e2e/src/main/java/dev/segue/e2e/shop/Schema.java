package dev.segue.e2e.shop;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The version of the data that shops have in common, which only grows: a shop raises it to its own with each request, and
 * cannot work with data that are newer than it. So an old shop fails as soon as a newer one has served.
 *
 * @param known the version that this shop was written for
 * @param ledger the shop that keeps the version of the data; null for none
 */
record Schema(int known, @Nullable URI ledger) {
    static final String PATH = "/schema";

    /** @throws Environment.Invalid when LEDGER or SCHEMA has a value that cannot be used */
    static Schema from(Environment environment) {
        String ledger = environment.text("LEDGER");
        try {
            return new Schema(
                    environment.wholeNumber("SCHEMA", 1, 1, 1000), ledger == null ? null : URI.create(ledger + PATH));
        } catch (IllegalArgumentException e) {
            throw Environment.invalid("LEDGER", String.valueOf(ledger), "the URL of a shop, such as http://ledger");
        }
    }

    /** Why the data cannot be worked with, null when they can. */
    @Nullable
    String trouble() {
        if (ledger == null) {
            return null;
        }
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    ledger.resolve(PATH + "?known=" + known).toURL().openConnection();
            try (var answer = connection.getInputStream()) {
                int data = Integer.parseInt(new String(answer.readAllBytes(), StandardCharsets.UTF_8).strip());
                return data <= known ? null : "the data are of schema %d, newer than %d".formatted(data, known);
            }
        } catch (IOException | NumberFormatException e) {
            return "the ledger does not answer: " + e;
        }
    }
}
