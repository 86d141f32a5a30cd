/**
 * The {@code Migration} resource as records: what a user writes and what Segue answers. The CRD and the API reference
 * are generated from here.
 */
@NullMarked
package dev.segue.api;

import org.jspecify.annotations.NullMarked;
