@NullMarked
package dev.segue.e2e.shop;

import org.jspecify.annotations.NullMarked;
