/** What the end-to-end tests have in common: the stage they share, the rules that hold in each, their records. */
@NullMarked
package dev.segue.e2e.scenario;

import org.jspecify.annotations.NullMarked;
