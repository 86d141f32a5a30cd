/**
 * The client that proves the promise: it sends requests at a constant rate, whatever the answers do, and accounts for
 * every single one. Nothing in it retries, follows or forgives.
 */
@NullMarked
package dev.segue.e2e.witness;

import org.jspecify.annotations.NullMarked;
