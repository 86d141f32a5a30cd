/** What the documentation says against what the code says. */
@NullMarked
package dev.segue.e2e.docs;

import org.jspecify.annotations.NullMarked;
