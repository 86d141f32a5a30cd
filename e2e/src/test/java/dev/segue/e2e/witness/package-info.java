@NullMarked
package dev.segue.e2e.witness;

import org.jspecify.annotations.NullMarked;
