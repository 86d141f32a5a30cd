package dev.segue.assessment;

import dev.segue.analysis.Reading;
import dev.segue.api.Finding;
import dev.segue.api.MigrationSpec;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Every rule over the surroundings of a workload. */
public final class Assessment {
    /** A rule finds nothing, or what stands in docs/assessment.md. Those of one severity are told in this order. */
    private static final List<BiFunction<Topology, MigrationSpec, Stream<Finding>>> RULES = List.of(
            (t, s) -> Admission.lacking(t),
            (t, s) -> Referenced.missing(t),
            (t, s) -> Volumes.shared(t),
            Snapshots::found,
            (t, s) -> Pods.strategy(t),
            (t, s) -> Pods.hostPorts(t),
            Quotas::exceeded,
            (t, s) -> LimitRanges.violated(t),
            (t, s) -> Admission.refused(t),
            (t, s) -> Pods.single(t),
            (t, s) -> Pods.ending(t),
            (t, s) -> Referenced.pullSecrets(t),
            (t, s) -> Roles.missing(t),
            (t, s) -> Traffic.affinity(t),
            (t, s) -> Autoscalers.moving(t),
            (t, s) -> Policies.skipping(t),
            (t, s) -> Ownership.contested(t),
            (t, s) -> Traffic.budgets(t),
            (t, s) -> Traffic.routes(t),
            Evidence::missing,
            (t, s) -> Dependencies.found(t),
            Roles::bound,
            (t, s) -> Admission.unread(t));

    private Assessment() {}

    /**
     * What is found, in the order of the rules.
     *
     * @param readings what Prometheus says of the source's history, by metric
     */
    public static List<Finding> of(Topology topology, MigrationSpec spec, Map<String, Reading> readings) {
        return Stream.concat(RULES.stream().flatMap(rule -> rule.apply(topology, spec)), Evidence.unknown(readings))
                .toList();
    }
}
