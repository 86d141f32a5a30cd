/** That the referee sees what it is there to see, and nothing else. */
@NullMarked
package dev.segue.e2e.referee;

import org.jspecify.annotations.NullMarked;
