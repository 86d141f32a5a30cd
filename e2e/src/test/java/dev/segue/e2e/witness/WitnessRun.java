package dev.segue.e2e.witness;

import dev.segue.e2e.shop.Environment;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A witness in this process, set up by variables as a container's is. */
final class WitnessRun implements AutoCloseable {
    private final Path records;
    private final Witness witness;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<Summary> result;

    private WitnessRun(Path records, Witness witness) {
        this.records = records;
        this.witness = witness;
        this.result = thread.submit(witness::run);
    }

    /** Starts it; {@code variables} go before the ones that every test needs. */
    static WitnessRun start(URI target, Path folder, Map<String, String> variables) throws NothingProved {
        Map<String, String> all = variables(target, folder);
        all.putAll(variables);
        Settings settings = Settings.from(new Environment(all));
        return new WitnessRun(settings.records(), new Witness(settings));
    }

    static Map<String, String> variables(URI target, Path folder) {
        return new HashMap<>(Map.of(
                "TARGET_URL", target.toString(),
                "CONTROL_PORT", "0",
                "RECORDS", folder.resolve("records.jsonl").toString(),
                "TERMINATION_LOG", folder.resolve("termination").toString(),
                "START_TIMEOUT", "30s"));
    }

    Summary now() {
        return witness.summary();
    }

    int controlPort() {
        return witness.controlPort();
    }

    /** Ends the load and returns the final summary. */
    Summary stop() throws Exception {
        witness.stop();
        return result();
    }

    /** The final summary, when the duration is over. */
    Summary result() throws Exception {
        return result.get(120, TimeUnit.SECONDS);
    }

    List<RequestRecord> records() throws Exception {
        return records(records);
    }

    static List<RequestRecord> records(Path file) throws Exception {
        try (var lines =
                Json.MAPPER.readerFor(RequestRecord.class).<RequestRecord>readValues(Files.newInputStream(file))) {
            return lines.readAll();
        }
    }

    @Override
    public void close() {
        witness.stop();
        thread.shutdownNow();
        witness.close();
    }
}
