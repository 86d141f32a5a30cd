package dev.segue.e2e.fault;

import dev.segue.config.Settings;
import dev.segue.shell.SegueOperator;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;

/** An operator of this build in this JVM, for some namespaces, without leader election, behind a proxy of its own. */
public final class OperatorUnderTest implements AutoCloseable {
    /** For each request, as for an installed operator. */
    static final Duration LIMIT = Duration.ofMillis(Config.DEFAULT_REQUEST_TIMEOUT);

    private final ApiProxy proxy;
    private final SegueOperator operator;

    private OperatorUnderTest(ApiProxy proxy, SegueOperator operator) {
        this.proxy = proxy;
        this.operator = operator;
    }

    /** Starts it; answers once it works. */
    public static OperatorUnderTest start(ApiServer server, String namespace, Disturbance disturbance) {
        return start(server, Set.of(namespace), "", disturbance, LIMIT);
    }

    /**
     * Starts it; answers once it works.
     *
     * @param image its own, of which Jobs are made; empty when it does not know it
     * @param limit to each request
     */
    static OperatorUnderTest start(
            ApiServer server, Set<String> namespaces, String image, Disturbance disturbance, Duration limit) {
        var proxy = new ApiProxy(server);
        proxy.disturb(disturbance);
        try {
            var settings = new Settings(
                    namespaces, false, "default", "segue-operator", "segue-in-test", 0, 1, image, "cluster.local");
            Config config = proxy.config();
            config.setRequestTimeout((int) limit.toMillis());
            return new OperatorUnderTest(proxy, new SegueOperator(settings, config));
        } catch (IOException e) {
            proxy.close();
            throw new UncheckedIOException("the operator could not start", e);
        }
    }

    public ApiProxy proxy() {
        return proxy;
    }

    /**
     * To the cluster this is what SIGKILL is: from now on nothing comes from it any more. Its threads, which do not know,
     * end in the background.
     */
    public void crash() {
        proxy.cutOff();
        Thread.startVirtualThread(this::close);
    }

    /** How often it has looked at this Migration, that is read it by its name. */
    public long looks(String migration) {
        return proxy.requests().stream()
                .filter(r -> r.kind() == ApiRequest.Kind.READ && r.path().endsWith("/migrations/" + migration))
                .count();
    }

    /** Ends it as SIGTERM does. */
    @Override
    public void close() {
        operator.close();
        proxy.close();
    }
}
