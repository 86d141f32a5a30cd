/** A real Kubernetes for the tests and the demo: one interface, three ways to get one. */
@NullMarked
package dev.segue.e2e.cluster;

import org.jspecify.annotations.NullMarked;
