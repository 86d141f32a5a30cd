/** Status in words: every sentence, reason and condition that a user reads. Pure. */
@NullMarked
package dev.segue.report;

import org.jspecify.annotations.NullMarked;
