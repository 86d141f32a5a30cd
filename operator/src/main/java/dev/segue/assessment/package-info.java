/** Judges the surroundings of a workload before anything is written. Pure. */
@NullMarked
package dev.segue.assessment;

import org.jspecify.annotations.NullMarked;
