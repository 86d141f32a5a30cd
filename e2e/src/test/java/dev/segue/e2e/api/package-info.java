/** The Migration API and the chart as a real API server takes them. */
@NullMarked
package dev.segue.e2e.api;

import org.jspecify.annotations.NullMarked;
