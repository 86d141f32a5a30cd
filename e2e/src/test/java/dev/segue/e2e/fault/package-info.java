/** Disturbs what an operator says to the API server, request by request. */
@NullMarked
package dev.segue.e2e.fault;

import org.jspecify.annotations.NullMarked;
