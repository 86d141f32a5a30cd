import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Records what a program loads and links when it starts, as the JDK's ahead-of-time cache. The program runs inside
 * the files of its image, because the cache is only valid for the paths, sizes and times of the jars it saw.
 */
final class Training {
    /** First argument of this program's second self, which runs inside. */
    static final String INSIDE = "train-inside";

    private static final int API_PORT = 6443;

    /** In a new mount, process and network name space: nothing of it is seen outside, no port is taken. */
    private static final String ENTER = """
            set -e
            base=$1 app=$2 work=$3; shift 3
            ip link set lo up
            mount --bind "$base" "$work"
            mount --bind "$app/app" "$work/app"
            mount -t proc proc "$work/proc"
            mount --rbind /dev "$work/dev"
            exec "$@"
            """;

    private static final String MAY_ALL = """
            {"status": {"resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}}
            """;

    private Training() {}

    /**
     * Writes {@code app/app/app.aot} and names it in the argument file. Where this user may not make name spaces the
     * image is left without: it starts slower and is right all the same.
     *
     * @param program main class; a URL that answers 200 once it is up; then {@code NAME=VALUE} for its environment and
     *     further URLs to call
     */
    static void train(Path base, Path app, List<String> program) throws IOException, InterruptedException {
        Path arguments = app.resolve("app/java.args");
        Path cache = app.resolve("app/app.aot");
        String trained = "-XX:AOTCache=/app/app.aot\n";
        if (Files.exists(cache) && Files.readString(arguments).contains(trained)) {
            return;
        }
        System.out.println("image: training the ahead-of-time cache of " + program.getFirst());
        long start = System.nanoTime();
        Path work = Files.createDirectories(app.resolveSibling("root"));
        List<String> command =
                new ArrayList<>(List.of("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"));
        if (!System.getProperty("user.name").equals("root")) {
            command.add("--map-root-user");
        }
        command.addAll(List.of("sh", "-c", ENTER, "training", base.toString(), app.toString(), work.toString()));
        command.addAll(List.of(System.getProperty("java.home") + "/bin/java", source(), INSIDE, work.toString()));
        command.addAll(program);
        Path log = app.resolveSibling("training.log");
        if (run(command, log) == 0 && Files.exists(cache)) {
            Files.writeString(arguments, Files.readString(arguments) + trained);
            System.out.printf(
                    "image: trained in %.1f s, %d MB%n", (System.nanoTime() - start) / 1e9, Files.size(cache) >> 20);
        } else {
            Files.deleteIfExists(cache);
            System.out.println("[WARNING] image: no ahead-of-time cache, the program will start slower: " + reason(log)
                    + " (all of it in " + log + ")");
        }
    }

    private static int run(List<String> command, Path log) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
        } catch (IOException noUnshare) {
            Files.writeString(log, noUnshare.getMessage() + "\n");
            return 1;
        }
    }

    private static String source() {
        for (String argument : ProcessHandle.current().info().arguments().orElseThrow()) {
            if (argument.endsWith("Image.java")) {
                return argument;
            }
        }
        throw new IllegalStateException("not started as `java .../Image.java`");
    }

    /** This program's own last words, else the last line of whoever failed. */
    private static String reason(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.reversed().stream()
                .filter(line -> line.startsWith("image: "))
                .findFirst()
                .orElse(lines.isEmpty() ? "it printed nothing" : lines.getLast());
    }

    /** The part in the name spaces: an API server to talk to, the program, some requests, a polite end. */
    static void inside(List<String> arguments) throws IOException, InterruptedException {
        String main = arguments.get(1);
        String ready = arguments.get(2);
        HttpServer api = startApi();
        List<String> urls = new ArrayList<>();
        ProcessBuilder builder = new ProcessBuilder(
                        "chroot",
                        arguments.getFirst(),
                        "/opt/java/bin/java",
                        "@/app/java.args",
                        "-XX:AOTCacheOutput=/app/app.aot",
                        main)
                .inheritIO();
        builder.environment().clear();
        builder.environment().put("KUBERNETES_MASTER", "http://127.0.0.1:" + API_PORT + "/");
        for (String each : arguments.subList(3, arguments.size())) {
            if (each.startsWith("http:")) {
                urls.add(each);
            } else {
                builder.environment().put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
            }
        }
        Process program = builder.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            awaitReady(client, ready, program);
            for (String url : urls) {
                get(client, url);
            }
        } finally {
            program.destroy();
        }
        // The cache is assembled by a second JVM before the first one ends.
        if (!program.waitFor(2, TimeUnit.MINUTES)) {
            throw new Image.Problem(main + " did not end within 2 minutes of SIGTERM");
        }
        api.stop(0);
    }

    private static void awaitReady(HttpClient client, String url, Process program) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (get(client, url) != 200) {
            if (System.nanoTime() > deadline) {
                throw new Image.Problem(url + " did not answer 200 within 3 minutes");
            }
            if (program.waitFor(50, TimeUnit.MILLISECONDS)) {
                throw new Image.Problem("the program ended with code " + program.exitValue() + " before it was ready");
            }
        }
    }

    /** The status, or 0 when there was none. */
    private static int get(HttpClient client, String url) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    /**
     * An API server of an empty cluster, just enough of one for a client to start against: empty lists, silent
     * watches, and every object sent is taken as it is. It is for training only; tests use a real one.
     */
    private static HttpServer startApi() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), API_PORT), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", Training::answer);
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        byte[] sent = exchange.getRequestBody().readAllBytes();
        System.out.println(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (path.endsWith("/selfsubjectrulesreviews")) {
            respond(exchange, 201, MAY_ALL.getBytes());
        } else if (!exchange.getRequestMethod().equals("GET")) {
            respond(exchange, exchange.getRequestMethod().equals("POST") ? 201 : 200, sent);
        } else if (query.contains("watch=true")) {
            watch(exchange);
        } else if (path.equals("/version")) {
            respond(exchange, 200, "{\"major\":\"1\",\"minor\":\"36\",\"gitVersion\":\"v1.36.3\"}".getBytes());
        } else if (path.contains("/leases/")) {
            respond(exchange, 404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":404}".getBytes());
        } else {
            respond(exchange, 200, "{\"items\":[],\"metadata\":{\"resourceVersion\":\"1\"}}".getBytes());
        }
    }

    private static void watch(HttpExchange exchange) throws IOException {
        if (exchange.getRequestHeaders().containsKey("Upgrade")) {
            // Not a WebSocket: the client then watches by plain HTTP.
            respond(exchange, 200, new byte[0]);
        } else {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
        }
    }

    private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }
}
