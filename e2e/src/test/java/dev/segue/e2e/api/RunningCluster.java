package dev.segue.e2e.api;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Clusters;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the cluster of the run, started; it ends with the run, or is left with {@code -Dsegue.keep=true}. */
public final class RunningCluster implements ParameterResolver {

    /** Closed by JUnit when all tests have ended. */
    private record Run(Cluster cluster) implements AutoCloseable {
        static Run start() {
            Cluster cluster = Clusters.select();
            cluster.start();
            return new Run(cluster);
        }

        @Override
        public void close() {
            if (!Boolean.getBoolean("segue.keep")) {
                cluster.stop();
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cluster.class;
    }

    @Override
    public Cluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(RunningCluster.class))
                .computeIfAbsent(Run.class, _ -> Run.start(), Run.class)
                .cluster();
    }
}
