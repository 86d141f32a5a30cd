/** The operator's entry point. */
@NullMarked
package dev.segue;

import org.jspecify.annotations.NullMarked;
