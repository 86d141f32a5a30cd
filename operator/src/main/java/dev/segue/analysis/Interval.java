package dev.segue.analysis;

/**
 * What both arms answered in one interval of time. The arms are compared within it and never across intervals, so
 * whatever hits both at once cancels out.
 */
public record Interval(Counts source, Counts target) {}
