package dev.segue.e2e.scenario;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Tests that take a {@link dev.segue.e2e.stage.Scene} as parameter: each gets a namespace of its own on the one cluster
 * of the run. Several go on at once, {@code -Dsegue.scenes} of them: a scene waits most of its time. What ends or replaces
 * something that all of them use is {@link org.junit.jupiter.api.parallel.Isolated}, and comes after the others.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SceneExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
public @interface Scenarios {}
