/** The program behind {@code ./demo}: two Migrations under load, told line by line. */
@NullMarked
package dev.segue.e2e.demo;

import org.jspecify.annotations.NullMarked;
