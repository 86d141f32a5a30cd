package dev.segue.e2e.scenario;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that take a {@link dev.segue.e2e.stage.Scene} as parameter: each gets a namespace of its own on the one cluster
 * of the run. One at a time: two cores carry one scene's pods and clients, and what a starved machine fails to answer
 * would be told of the operator.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SceneExtension.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
public @interface Scenarios {}
