/** Segue's client of Prometheus on real servers. Needs no cluster. */
@NullMarked
package dev.segue.e2e.prometheus;

import org.jspecify.annotations.NullMarked;
