@NullMarked
package dev.segue.e2e.cluster;

import org.jspecify.annotations.NullMarked;
