package dev.segue.report;

import dev.segue.api.Component;
import dev.segue.api.Finding;
import dev.segue.api.Metric;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.PlanStatus.Capacity;
import dev.segue.api.StagingStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a Migration is to do, did, and why it ended as it did, for humans. Of spec and status alone: the same give the same
 * page. What the spec may hold of secrets (its patch) is not in it but as the plan shows it.
 */
public final class Report {
    /** The key of the ConfigMap. */
    public static final String KEY = "report.md";

    /** In bytes; the rest of the ConfigMap is for logs. */
    static final int LIMIT = 256 * 1024;

    /** What is told of a step. */
    private static final Set<String> VERDICTS =
            Set.of("NonInferior", "Inconclusive", "Promoted", "Reverting", "HandoverRerouted");

    /** With what a step begins, and the part after the last one. */
    private static final Set<String> PARTS = Set.of("StepStarted", "CuttingOver", "Soaking", "HandingOver");

    private final MigrationSpec spec;
    private final MigrationStatus status;
    private final Markdown page = new Markdown();

    private Report(MigrationSpec spec, MigrationStatus status) {
        this.spec = spec;
        this.status = status;
    }

    /** @param name of the Migration */
    public static String of(String name, MigrationSpec spec, MigrationStatus status) {
        return new Report(spec, status).page(name);
    }

    private String page(String name) {
        page.heading("# Migration " + name + (status.runOrFirst() > 1 ? ", run " + status.runOrFirst() : ""));
        outcome(name);
        request();
        findings();
        plan();
        staging();
        steps();
        evidence();
        timeline();
        return page.page(LIMIT);
    }

    /** As it will be, when the report is the last thing before the end. */
    private void outcome(String name) {
        page.paragraph(
                switch (status.phaseOrPending()) {
                    case Assessing ->
                        spec.plansOnly()
                                ? "**Planned.** Nothing has been written but this report. To run this very plan:"
                                : "**About to begin.** Nothing has been written but this report.";
                    case Finishing -> "**Completed.** The Deployment serves the new version.";
                    case Reverting -> "**Reverted.** The old version serves again.";
                    default ->
                        "**%s.** %s."
                                .formatted(
                                        status.phaseOrPending(),
                                        status.phaseOrPending().description());
                });
        if (status.phase() == Phase.Assessing && spec.plansOnly()) {
            page.code("kubectl patch migration %s --type merge -p '{\"spec\":{\"mode\":\"Run\"}}'".formatted(name));
        }
        Cause cause = status.cause();
        if (cause != null) {
            page.table(
                    "Cause | ",
                    List.of(
                            List.of("what", cause.reason()),
                            List.of("in", cause.during().name()),
                            List.of("at", cause.at().toString()),
                            List.of("seen", cause.message()),
                            List.of("remedy", orNone(cause.remedy()))));
        }
    }

    private void request() {
        Component component = spec.component();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Deployment", component.deployment()));
        new TreeMap<>(component.imagesOrEmpty())
                .forEach((container, image) -> rows.add(List.of("image of " + container, image)));
        if (component.patch() != null) {
            rows.add(List.of("patch", "yes; the plan shows it, without what may be a secret"));
        }
        if (!component.excludedServicesOrEmpty().isEmpty()) {
            rows.add(List.of("not moved", "Service " + String.join(", ", component.excludedServicesOrEmpty())));
        }
        rows.add(List.of(
                "steps",
                spec.plannedSteps().stream()
                        .map(s -> "%d%% for %s".formatted(s.weight(), Objects.requireNonNullElse(s.hold(), "5m")))
                        .collect(Collectors.joining(", "))));
        List<Metric> metrics = spec.analysisOrDefault().metricsOrEmpty();
        rows.add(List.of(
                "metrics",
                metrics.isEmpty()
                        ? "none: health checks only"
                        : metrics.stream().map(Metric::name).collect(Collectors.joining(", "))));
        rows.add(List.of("on failure", spec.holdsOnFailure() ? "hold, for a human" : "go back"));
        page.heading("## What is asked for").table(" | ", rows);
    }

    private void findings() {
        if (!status.findingsOrEmpty().isEmpty()) {
            page.heading("## Findings")
                    .table(
                            "Severity | Reason | What and why | Remedy",
                            status.findingsOrEmpty().stream()
                                    .map((Finding f) ->
                                            List.of(f.severity().name(), f.reason(), f.message(), orNone(f.remedy())))
                                    .toList());
        }
    }

    private void plan() {
        PlanStatus plan = status.plan();
        if (plan == null) {
            return;
        }
        page.heading("## Plan")
                .paragraph("Made at %s, hash `%s`.".formatted(plan.at(), plan.hash()))
                .paragraph(capacity(plan.capacity()))
                .paragraph(
                        plan.expectedDuration() == null
                                ? "How long it takes nobody can say: a step waits for evidence, and there is no history."
                                : "It takes at least about **%s**, if pods start at once and nothing has to be waited for but time and evidence."
                                        .formatted(plan.expectedDuration()));
        page.heading("### What is written, in this order")
                .table(
                        "Phase | Act | Object | Change",
                        plan.objectsOrEmpty().stream()
                                .map(o -> List.of(o.phase().name(), o.action(), o.object(), orNone(o.change())))
                                .toList());
        page.paragraph("`***` stands for a text that may be a secret.");
        page.heading("### The steps")
                .table(
                        "Asked | Given by whole pods | Target pods | Held for | Goes on when | Verdict expected after | Way back",
                        plan.stepsOrEmpty().stream()
                                .map(s -> List.of(
                                        s.weight() + "%",
                                        s.effectiveWeight() + "%",
                                        Integer.toString(s.replicas()),
                                        s.hold(),
                                        orNone(s.gate()),
                                        orNone(s.verdictExpected()),
                                        s.wayBack()))
                                .toList());
        page.heading("### What the plan rests on")
                .paragraph("When one of these has changed, the plan is void and is not run.")
                .table(
                        "Part | Digest",
                        plan.basisOrEmpty().stream()
                                .map(b -> List.of(b.part(), b.digest()))
                                .toList());
    }

    private static String capacity(@Nullable Capacity capacity) {
        if (capacity == null) {
            return "What it needs beside what runs now is not known.";
        }
        return "Beside what runs now it needs, at most: %d pods, %s CPU and %s memory, by their requests."
                .formatted(capacity.pods(), orNo(capacity.cpu()), orNo(capacity.memory()));
    }

    private void staging() {
        StagingStatus staging = status.staging();
        if (staging == null) {
            return;
        }
        page.heading("## Staging")
                .paragraph("Namespace `%s`: **%s**%s."
                        .formatted(
                                staging.namespace(),
                                Objects.requireNonNullElse(staging.verdict(), "no verdict"),
                                staging.message() == null ? "" : ", " + Markdown.text(staging.message())))
                .table(
                        "Test | Result | Try | Began | Ended | What it said",
                        staging.testsOrEmpty().stream()
                                .map(t -> List.of(
                                        t.name(),
                                        t.state(),
                                        Integer.toString(t.attempt()),
                                        String.valueOf(t.startedAt()),
                                        t.endedAt() == null ? "-" : t.endedAt().toString(),
                                        orNone(t.message())))
                                .toList());
        if (!staging.snapshotsOrEmpty().isEmpty()) {
            page.table(
                    "Volume claim with production's data | Snapshot | Taken",
                    staging.snapshotsOrEmpty().stream()
                            .map(s -> List.of(
                                    s.claim(),
                                    s.name(),
                                    s.takenAt() == null ? "-" : s.takenAt().toString()))
                            .toList());
        }
        if (staging.isolation() != null) {
            page.paragraph("Isolation by the network: " + staging.isolation() + ".");
        }
    }

    /** What became of each step. */
    private void steps() {
        List<List<String>> rows = new ArrayList<>();
        Map<Integer, List<String>> told = new TreeMap<>();
        for (Transition t : status.timelineOrEmpty()) {
            if (PARTS.contains(t.reason())) {
                rows.add(List.of(t.at().toString(), t.message()));
            } else if (VERDICTS.contains(t.reason()) && !rows.isEmpty()) {
                told.computeIfAbsent(rows.size() - 1, _ -> new ArrayList<>()).add(t.reason() + ": " + t.message());
            }
        }
        List<List<String>> whole = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            whole.add(List.of(
                    rows.get(i).getFirst(),
                    rows.get(i).getLast(),
                    String.join("; ", told.getOrDefault(i, List.of("nothing was held against it")))));
        }
        if (!whole.isEmpty()) {
            page.heading("## How the steps went").table("From | What | Verdict", whole);
        }
    }

    private void evidence() {
        if (!status.metricsOrEmpty().isEmpty()) {
            page.heading("## Metrics")
                    .table(
                            "Metric | Verdict | At | Figures",
                            status.metricsOrEmpty().stream()
                                    .map((MetricStatus m) ->
                                            List.of(m.name(), m.verdict(), m.at().toString(), figures(m)))
                                    .toList());
        }
    }

    private static String figures(MetricStatus metric) {
        return metric.message() != null ? metric.message() : "%s, limit %s".formatted(metric.value(), metric.max());
    }

    private void timeline() {
        page.heading("## Timeline")
                .table(
                        "At | Phase | What | In words",
                        status.timelineOrEmpty().stream()
                                .map(t -> List.of(t.at().toString(), t.phase().name(), t.reason(), t.message()))
                                .toList());
    }

    private static String orNone(@Nullable String text) {
        return text == null ? "-" : text;
    }

    private static String orNo(@Nullable String amount) {
        return amount == null ? "no" : amount;
    }
}
