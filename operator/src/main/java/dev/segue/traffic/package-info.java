/** From weights to pods and selectors, and the proof that the endpoints follow. Pure. */
@NullMarked
package dev.segue.traffic;

import org.jspecify.annotations.NullMarked;
