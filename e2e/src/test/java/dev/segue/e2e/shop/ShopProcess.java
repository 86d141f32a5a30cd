package dev.segue.e2e.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A shop as a process of its own on a loopback port, because its ways to die are ways of a process. */
public final class ShopProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on port (\\d+)");

    private final Process process;
    private final int port;

    private ShopProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a shop and waits until it listens. */
    public static ShopProcess start(Map<String, String> variables) throws IOException {
        Process process = launch(Shop.class, variables).start();
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                Thread.ofVirtual().start(() -> drain(out));
                return new ShopProcess(process, Integer.parseInt(listening.group(1)));
            }
        }
        throw new IOException("the shop ended before it listened");
    }

    /** A JVM that runs a main class with these environment variables and no others; errors go to our own. */
    public static ProcessBuilder launch(Class<?> main, Map<String, String> variables) {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().put("PORT", "0");
        builder.environment().putAll(variables);
        return builder;
    }

    private static void drain(BufferedReader out) {
        try (out) {
            while (out.readLine() != null) {
                // Only so that the process never blocks on a full pipe.
            }
        } catch (IOException ended) {
            // Process.destroy() closes the stream under its reader: that is the end, too.
        }
    }

    public int port() {
        return port;
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    public int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the shop ended").isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
