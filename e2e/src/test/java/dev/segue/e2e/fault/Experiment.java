package dev.segue.e2e.fault;

/**
 * What is done in a lab.
 *
 * @param namespace of the lab
 * @param name for the reader of a report
 */
public record Experiment(String namespace, String name, Labs.Experiment inLab) {}
