package dev.segue.e2e.prometheus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A pod that is measured by the libraries for Go: the program {@code e2e/kubernetes/presets} as a process, on loopback. */
final class GoShop implements AutoCloseable {
    private final Process process;
    private final String address;

    /** @param log where what it says of its errors goes */
    GoShop(Path program, Path log) throws IOException {
        process = new ProcessBuilder(program.toString())
                .redirectError(log.toFile())
                .start();
        String line = process.inputReader().readLine();
        if (line == null) {
            throw new IllegalStateException(program + " ended: " + Files.readString(log));
        }
        address = line;
    }

    String address() {
        return address;
    }

    /** It ends when its input does, so as well when this JVM is killed. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
