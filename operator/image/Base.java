import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** The root file system under every image: a Java run time, the C library, a user, nothing to run but Java. */
final class Base {
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.xml",
            "jdk.httpserver",
            "jdk.management",
            "jdk.net",
            "jdk.unsupported");

    private static final List<String> PACKAGES = List.of("libc6", "zlib1g");

    /** What the JVM is linked with, and what the C library opens by itself to resolve names. */
    private static final List<String> LIBRARIES = List.of(
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "libresolv.so.2",
            "libnss_files.so.2",
            "libnss_dns.so.2",
            "libz.so.1");

    private Base() {}

    static void build(Path out) throws IOException, InterruptedException {
        List<Path> packages = packages();
        String key = Image.key(packages, String.join(",", MODULES), String.join(",", LIBRARIES));
        if (Image.unchanged(out, key)) {
            return;
        }
        System.out.println("image: linking a Java run time of " + MODULES.size() + " modules");
        Image.delete(out);
        for (String folder : List.of("app", "dev", "etc", "opt", "proc", "tmp", "usr/share/doc")) {
            Files.createDirectories(out.resolve(folder));
        }
        link(out.resolve("opt/java"));
        Path unpacked = out.resolveSibling(out.getFileName() + ".packages");
        Image.delete(unpacked);
        for (Path file : packages) {
            Image.run(out, "dpkg-deb", "-x", file.toString(), unpacked.toString());
            describe(file, unpacked, out);
        }
        copyLibraries(unpacked, out);
        Image.delete(unpacked);
        Files.writeString(out.resolve("etc/nsswitch.conf"), "hosts: files dns\n");
        Files.writeString(out.resolve("etc/passwd"), "nonroot:x:65532:65532:nonroot:/:/sbin/nologin\n");
        Files.writeString(out.resolve("etc/group"), "nonroot:x:65532:\n");
        Image.seal(out, key);
    }

    private static void link(Path out) {
        ToolProvider jlink = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new Image.Problem("this Java has no jlink: build with a full JDK 25"));
        int code = jlink.run(
                System.out,
                System.err,
                "--add-modules",
                String.join(",", MODULES),
                "--compress",
                "zip-6",
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                out.toString());
        if (code != 0) {
            throw new Image.Problem("jlink failed with code " + code);
        }
    }

    /** The packages' files from the cache, or else from Debian; delete the folder to take newer ones. */
    private static List<Path> packages() throws IOException, InterruptedException {
        Path cache = cache().resolve("packages");
        Files.createDirectories(cache);
        String architecture = Image.run(cache, "dpkg", "--print-architecture").strip();
        List<Path> found = new ArrayList<>();
        for (String name : PACKAGES) {
            Path file = find(cache, name, architecture);
            if (file == null) {
                System.out.println("image: downloading Debian's " + name);
                download(cache, name);
                file = find(cache, name, architecture);
            }
            if (file == null) {
                throw new Image.Problem("apt-get download " + name + " left no package for " + architecture);
            }
            found.add(file);
        }
        return found;
    }

    private static void download(Path cache, String name) throws IOException, InterruptedException {
        // As root, apt would drop to a user who cannot write here, and say so.
        String[] download = {"apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", name};
        try {
            Image.run(cache, download);
        } catch (Image.Problem noLists) {
            System.out.println("image: no package lists yet, running apt-get update");
            Image.run(cache, "apt-get", "-q", "update");
            Image.run(cache, download);
        }
    }

    private static Path cache() {
        String own = System.getenv("SEGUE_CACHE");
        if (own != null) {
            return Path.of(own);
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path caches = xdg != null ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return caches.resolve("segue-e2e");
    }

    private static Path find(Path cache, String name, String architecture) throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.filter(file -> file.getFileName().toString().startsWith(name + "_")
                            && file.toString().endsWith("_" + architecture + ".deb"))
                    .max(Path::compareTo)
                    .orElse(null);
        }
    }

    /** The package's licence, and its control data where scanners of images without a package manager look. */
    private static void describe(Path file, Path unpacked, Path out) throws IOException, InterruptedException {
        String name = file.getFileName().toString().replaceFirst("_.*", "");
        Path doc = Files.createDirectories(out.resolve("usr/share/doc").resolve(name));
        Files.copy(unpacked.resolve("usr/share/doc").resolve(name).resolve("copyright"), doc.resolve("copyright"));
        Path status = Files.createDirectories(out.resolve("var/lib/dpkg/status.d"));
        Files.writeString(status.resolve(name), Image.run(out, "dpkg-deb", "--field", file.toString()));
    }

    private static void copyLibraries(Path unpacked, Path out) throws IOException {
        for (String name : LIBRARIES) {
            Path library = find(unpacked, name);
            // The folder is named after the architecture, and the loader searches that name.
            Path folder = Files.createDirectories(
                    out.resolve("lib").resolve(library.getParent().getFileName()));
            Files.copy(library.toRealPath(), folder.resolve(name));
        }
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        String loader = arm ? "ld-linux-aarch64.so.1" : "ld-linux-x86-64.so.2";
        Path folder = Files.createDirectories(out.resolve(arm ? "lib" : "lib64"));
        Files.copy(find(unpacked, loader).toRealPath(), folder.resolve(loader));
        folder.resolve(loader).toFile().setExecutable(true, false);
    }

    private static Path find(Path tree, String name) throws IOException {
        try (Stream<Path> files = Files.find(
                tree,
                8,
                (file, attributes) -> file.getFileName().toString().equals(name) && Files.isRegularFile(file))) {
            return files.findFirst().orElseThrow(() -> new Image.Problem("Debian's " + PACKAGES + " have no " + name));
        }
    }
}
