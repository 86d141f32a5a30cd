/** The set-up that the end-to-end tests and the demo share: a cluster with the operator, and scenes on it. */
@NullMarked
package dev.segue.e2e.stage;

import org.jspecify.annotations.NullMarked;
