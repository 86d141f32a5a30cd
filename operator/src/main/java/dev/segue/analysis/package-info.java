/** From samples to verdicts. Pure. */
@NullMarked
package dev.segue.analysis;

import org.jspecify.annotations.NullMarked;
