/** Settings from the environment. */
@NullMarked
package dev.segue.config;

import org.jspecify.annotations.NullMarked;
