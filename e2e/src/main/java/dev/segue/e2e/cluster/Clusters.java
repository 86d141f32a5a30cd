package dev.segue.e2e.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/** Chooses the cluster that tests and demo run on. */
public final class Clusters {

    private Clusters() {}

    /**
     * The cluster this machine can have, not started yet: the one of an explicitly named kubeconfig, else k3s where a
     * Docker engine answers, else local processes. The current context of {@code ~/.kube/config} is never taken.
     *
     * <ul>
     *   <li>{@code -Dsegue.cluster=local|k3s|kubeconfig} overrides the choice
     *   <li>{@code -Dsegue.kubeconfig=FILE}, or the variable {@code SEGUE_KUBECONFIG}, names a kubeconfig
     *   <li>{@code -Dsegue.cluster.name=NAME} names a local cluster (default {@code segue})
     *   <li>{@code -Dsegue.cluster.kubernetes=VERSION} and {@code -Dsegue.cluster.proxy=nftables|iptables} are for local
     *       clusters
     * </ul>
     *
     * @throws IllegalArgumentException when these contradict each other or name nothing
     */
    public static Cluster select() {
        return select(
                System::getProperty,
                System::getenv,
                () -> DockerClientFactory.instance().isDockerAvailable());
    }

    /** The same from given properties, variables and answer of the Docker engine, which is only asked when it matters. */
    static Cluster select(
            UnaryOperator<@Nullable String> properties,
            UnaryOperator<@Nullable String> variables,
            BooleanSupplier dockerAnswers) {
        var kubeconfig = given(properties.apply("segue.kubeconfig"), variables.apply("SEGUE_KUBECONFIG"));
        var kind = given(properties.apply("segue.cluster"));
        if (kind == null) {
            kind = kubeconfig != null ? "kubeconfig" : dockerAnswers.getAsBoolean() ? "k3s" : "local";
        }
        return switch (kind) {
            case "local" -> local(properties);
            case "k3s" -> new K3sCluster();
            case "kubeconfig" -> {
                if (kubeconfig == null) {
                    throw new IllegalArgumentException("segue.cluster=kubeconfig needs the path of a kubeconfig:"
                            + " set -Dsegue.kubeconfig=FILE or the variable SEGUE_KUBECONFIG");
                }
                yield new KubeconfigCluster(Path.of(kubeconfig));
            }
            default ->
                throw new IllegalArgumentException("segue.cluster=" + kind + " is none of: local, k3s, kubeconfig");
        };
    }

    private static Cluster local(UnaryOperator<@Nullable String> properties) {
        var options = new ArrayList<String>();
        for (var option : List.of("kubernetes", "proxy")) {
            var value = given(properties.apply("segue.cluster." + option));
            if (value != null) {
                options.add("--" + option);
                options.add(value);
            }
        }
        var name = given(properties.apply("segue.cluster.name"));
        return new LocalCluster(name == null ? "segue" : name, options);
    }

    /** The first that is neither null nor blank. */
    private static @Nullable String given(@Nullable String... values) {
        for (var value : values) {
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }
}
