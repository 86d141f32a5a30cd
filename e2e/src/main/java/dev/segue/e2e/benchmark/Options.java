package dev.segue.e2e.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is measured.
 *
 * @param cluster name of the local cluster
 * @param ended how many Migrations that have ended, ascending
 * @param paused how many that are paused before their start, ascending
 * @param running how many at once; 0 leaves this out
 * @param values of the chart, as NAME=VALUE
 */
record Options(String cluster, List<Integer> ended, List<Integer> paused, int running, List<String> values) {

    /** @throws IllegalArgumentException when there is one that does not exist */
    static Options of(String[] arguments) {
        String cluster = "benchmark";
        List<Integer> ended = List.of(1_000, 5_000, 10_000);
        List<Integer> paused = ended;
        int running = 100;
        List<String> values = new ArrayList<>();
        for (int i = 0; i < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--name" -> cluster = value;
                case "--ended" -> ended = sizes(value);
                case "--paused" -> paused = sizes(value);
                case "--running" -> running = Integer.parseInt(value);
                case "--set" -> values.add(value);
                default -> throw new IllegalArgumentException("there is no option " + arguments[i]);
            }
        }
        return new Options(cluster, ended, paused, running, List.copyOf(values));
    }

    private static List<Integer> sizes(String value) {
        return value.equals("none")
                ? List.of()
                : Stream.of(value.split(",")).map(Integer::valueOf).toList();
    }
}
