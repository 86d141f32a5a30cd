/** Works out what a migration will do, and what that rests on. Pure. */
@NullMarked
package dev.segue.plan;

import org.jspecify.annotations.NullMarked;
