@NullMarked
package dev.segue.e2e.recorded;

import org.jspecify.annotations.NullMarked;
