/**
 * An independent observer of a scene: watches the API server's objects and tells when a promise is broken. It shares no
 * code with the operator but the records of its API.
 */
@NullMarked
package dev.segue.e2e.referee;

import org.jspecify.annotations.NullMarked;
