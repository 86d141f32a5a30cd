@NullMarked
package dev.segue.e2e.demo;

import org.jspecify.annotations.NullMarked;
