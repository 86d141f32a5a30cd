/** What a migration's traffic was, from the raw samples that Prometheus has of it, and what it shows. */
@NullMarked
package dev.segue.e2e.recorded;

import org.jspecify.annotations.NullMarked;
