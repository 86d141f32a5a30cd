/** The life of a migration as a pure function: {@link dev.segue.engine.Planner#plan} says, for what was observed, what the
 * status becomes and which acts follow. No I/O and no clock in here. */
@NullMarked
package dev.segue.engine;

import org.jspecify.annotations.NullMarked;
