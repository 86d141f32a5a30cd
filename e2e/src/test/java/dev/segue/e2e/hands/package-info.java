/** What other hands do to a migration while it is under way, and what becomes of it: see docs/other-hands.md. */
@NullMarked
package dev.segue.e2e.hands;

import org.jspecify.annotations.NullMarked;
