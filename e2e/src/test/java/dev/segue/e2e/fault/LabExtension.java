package dev.segue.e2e.fault;

import dev.segue.e2e.scenario.Run;
import java.util.Objects;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives the tests of a class the {@link Labs}; JUnit closes them after the class. */
public final class LabExtension implements BeforeAllCallback, ParameterResolver {
    @Override
    public void beforeAll(ExtensionContext context) {
        Run run = Run.of(context);
        store(context).put(Labs.class, new Labs(run.cluster(), run.stage()));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Labs.class;
    }

    @Override
    public Labs resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Objects.requireNonNull(store(context).get(Labs.class, Labs.class));
    }

    private static Store store(ExtensionContext context) {
        return context.getStore(Namespace.create(LabExtension.class));
    }
}
