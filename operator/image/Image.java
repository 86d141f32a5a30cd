import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lays out the files of the container images, of which Jib then makes tars. Needs neither a container engine nor an
 * image registry: the JDK that runs this is linked into the image, and Debian's packages give the C library.
 *
 * <pre>
 * java Image.java BASE APP OPTIONS CLASSPATH JAR [MAIN READY [NAME=VALUE|URL]...]
 * </pre>
 *
 * BASE becomes the root file system that all images share; APP/app holds JAR, the jars named in the file
 * CLASSPATH, and the launcher's argument file, which begins with the JVM's OPTIONS. With MAIN an ahead-of-time cache of its start is trained, see
 * {@link Training}. What has not changed is left alone. Exit code 1 with one line on what to do.
 */
public final class Image {
    /** Jib dates every file so. The ahead-of-time cache is only accepted with the very jars it was trained with. */
    private static final FileTime EPOCH_PLUS_SECOND = FileTime.fromMillis(1000);

    private Image() {}

    public static void main(String[] args) throws Exception {
        List<String> rest = List.of(args);
        try {
            if (rest.size() > 3 && rest.getFirst().equals(Training.INSIDE)) {
                Training.inside(rest.subList(1, rest.size()));
            } else if (rest.size() == 5 || rest.size() > 6) {
                Path base = Path.of(rest.get(0)).toAbsolutePath();
                Path app = Path.of(rest.get(1)).toAbsolutePath();
                Base.build(base);
                layOut(base, app, Path.of(rest.get(2)), Path.of(rest.get(3)), Path.of(rest.get(4)));
                if (rest.size() > 5) {
                    Training.train(base, app, rest.subList(5, rest.size()));
                }
            } else {
                throw new Problem(
                        "usage: java Image.java BASE APP OPTIONS CLASSPATH JAR [MAIN READY [NAME=VALUE|URL]...]");
            }
        } catch (Problem e) {
            System.err.println("image: " + e.getMessage());
            System.exit(1);
        }
    }

    /** What the caller can mend; its message says how. */
    static final class Problem extends RuntimeException {
        Problem(String message) {
            super(message);
        }
    }

    private static void layOut(Path base, Path app, Path options, Path classPathFile, Path jar) throws IOException {
        List<Path> jars = new ArrayList<>(List.of(jar));
        for (String each : Files.readString(classPathFile).strip().split(File.pathSeparator)) {
            jars.add(Path.of(each));
        }
        // The cache that is trained later lies here too, and holds for one Java run time only.
        String key = key(jars, Files.readString(options), Files.readString(keyFile(base)));
        if (unchanged(app, key)) {
            return;
        }
        delete(app);
        Path target = Files.createDirectories(app.resolve("app/lib"));
        for (Path each : jars) {
            Path copy = Files.copy(each, target.resolve(each.getFileName()));
            Files.setLastModifiedTime(copy, EPOCH_PLUS_SECOND);
        }
        String classPath =
                jars.stream().map(each -> "/app/lib/" + each.getFileName()).collect(Collectors.joining(":"));
        Files.writeString(app.resolve("app/java.args"), Files.readString(options) + "-cp " + classPath + "\n");
        seal(app, key);
    }

    static boolean unchanged(Path out, String key) throws IOException {
        Path file = keyFile(out);
        return Files.exists(file) && Files.readString(file).equals(key);
    }

    /** Last, so that a build that was killed starts over. */
    static void seal(Path out, String key) throws IOException {
        Files.writeString(keyFile(out), key);
    }

    private static Path keyFile(Path out) {
        return out.resolveSibling(out.getFileName() + ".key");
    }

    static String key(List<Path> files, String... texts) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Runtime.version().toString().getBytes());
            for (Path file : files) {
                digest.update(file.getFileName().toString().getBytes());
                digest.update(Files.readAllBytes(file));
            }
            for (String text : texts) {
                digest.update(text.getBytes());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static void delete(Path tree) throws IOException {
        Files.deleteIfExists(keyFile(tree));
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(tree)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Runs a command, returns what it printed, and explains a failure by its own words. */
    static String run(Path directory, String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new Problem(command[0] + " cannot be run (" + e.getMessage()
                    + "): the C library of the image comes from Debian's packages; build on Debian or Ubuntu");
        }
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new Problem(String.join(" ", command) + " failed: " + output.strip());
        }
        return output;
    }
}
