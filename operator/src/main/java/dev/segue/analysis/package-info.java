/**
 * From samples to verdicts. Pure: no input or output, no clock, no library; everything is immutable and safe for any thread.
 *
 * <p>{@link dev.segue.analysis.Counters} and {@link dev.segue.analysis.Buckets} make counts of raw samples; of each {@link
 * dev.segue.analysis.Interval} of both arms {@link dev.segue.analysis.Evidence} is gathered, which is weakened by the {@link
 * dev.segue.analysis.Dispersion} of the source's history. A {@link dev.segue.analysis.Comparison} is what one metric says, and
 * the {@link dev.segue.analysis.Conclusion} what all of them say. docs/verdict.md explains it, with the error rates.
 *
 * <p>The plain rule beside it, k of n evaluations beyond a limit, is in {@link dev.segue.analysis.Thresholds}.
 */
@NullMarked
package dev.segue.analysis;

import org.jspecify.annotations.NullMarked;
