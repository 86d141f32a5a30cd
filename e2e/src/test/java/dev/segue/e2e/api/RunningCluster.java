package dev.segue.e2e.api;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.scenario.Run;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the cluster of the run, started. */
public final class RunningCluster implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Cluster.class;
    }

    @Override
    public Cluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Run.of(context).cluster();
    }
}
