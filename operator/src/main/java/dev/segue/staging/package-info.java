/** What the objects look like that Segue creates. Pure builders. */
@NullMarked
package dev.segue.staging;

import org.jspecify.annotations.NullMarked;
