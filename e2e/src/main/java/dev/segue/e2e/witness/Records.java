package dev.segue.e2e.witness;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file with one JSON line for each request, in the order in which they ended. Kept out of the heap, so that an
 * hour's run needs no more memory than a minute's. Safe for all threads.
 */
final class Records implements AutoCloseable {
    private static final long FLUSH_NANOS = 1_000_000_000L;

    private final Path file;
    private final OutputStream out;
    private long flushedAt = System.nanoTime();
    private long bytes;

    /** @throws NothingProved when the file cannot be created, with what to do about it */
    Records(Path file) throws NothingProved {
        this.file = file;
        try {
            this.out = new BufferedOutputStream(Files.newOutputStream(file), 64 * 1024);
        } catch (IOException cannot) {
            throw new NothingProved(
                    "RECORDS='" + file + "' cannot be written (" + cannot + "): mount a writable volume at "
                            + file.toAbsolutePath().getParent() + ", or set RECORDS to a writable path",
                    cannot);
        }
    }

    synchronized void append(RequestRecord request) throws IOException {
        byte[] line = Json.MAPPER.writeValueAsBytes(request);
        out.write(line);
        out.write('\n');
        bytes += line.length + 1;
        // A witness that is killed has lost no more than a second.
        if (System.nanoTime() - flushedAt > FLUSH_NANOS) {
            flush();
        }
    }

    /** Copies what has been written until now; requests that end meanwhile do not wait for it. */
    void copyTo(OutputStream to) throws IOException {
        long until = flush();
        try (InputStream from = Files.newInputStream(file)) {
            byte[] buffer = new byte[16 * 1024];
            while (until > 0) {
                int read = from.read(buffer, 0, (int) Math.min(buffer.length, until));
                if (read < 0) {
                    throw new IOException(file + " has been cut off by somebody else");
                }
                to.write(buffer, 0, read);
                until -= read;
            }
        }
    }

    private synchronized long flush() throws IOException {
        out.flush();
        flushedAt = System.nanoTime();
        return bytes;
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
