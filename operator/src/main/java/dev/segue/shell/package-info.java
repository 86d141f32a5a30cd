/** The only I/O: observes, writes the status, acts, reports. */
@NullMarked
package dev.segue.shell;

import org.jspecify.annotations.NullMarked;
