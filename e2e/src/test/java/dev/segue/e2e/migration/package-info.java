/** What Segue promises its users, each promise kept under load on a real cluster. */
@NullMarked
package dev.segue.e2e.migration;

import org.jspecify.annotations.NullMarked;
