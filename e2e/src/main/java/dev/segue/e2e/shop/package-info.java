/** The sample application that migrations are proved on: small, measured as a Java service is, and broken on request. */
@NullMarked
package dev.segue.e2e.shop;

import org.jspecify.annotations.NullMarked;
