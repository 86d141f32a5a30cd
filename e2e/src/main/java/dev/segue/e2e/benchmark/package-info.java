/** How much the operator needs when there are many Migrations: {@code e2e/benchmark}. */
@NullMarked
package dev.segue.e2e.benchmark;

import org.jspecify.annotations.NullMarked;
