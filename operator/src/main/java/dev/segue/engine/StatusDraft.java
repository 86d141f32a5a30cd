package dev.segue.engine;

import dev.segue.analysis.Conclusion;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Verdict;
import dev.segue.api.Finding;
import dev.segue.api.Finding.Severity;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.SourceStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.MigrationStatus.VerdictStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.report.Conditions;
import dev.segue.traffic.Ratio;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The next status in the making, with the notices that go with it. Not for sharing between threads. */
final class StatusDraft {
    private static final int TIMELINE_LENGTH = 50;
    private static final String WARNED = "AssessmentWarned";
    private static final String MISMATCH = "TrafficShareMismatch";
    private static final String UNSEEN = "PodsUnseen";

    private final Observed observed;
    private final MigrationStatus before;
    private final List<Notice> notices = new ArrayList<>();
    private final List<Transition> timeline;
    private List<MetricStatus> metrics;
    private final Judgement judgement;
    private @Nullable VerdictStatus verdict;
    private List<ServiceStatus> services;
    private Phase phase;
    private @Nullable Instant phaseSince;
    private @Nullable String task;
    private @Nullable Instant taskSince;
    private @Nullable Instant startedAt;
    private @Nullable Integer run;
    private List<Finding> findings;
    private @Nullable PlanStatus plan;
    private @Nullable StagingStatus staging;
    private @Nullable StepStatus step;
    private @Nullable SourceStatus source;
    private @Nullable TargetStatus target;
    private @Nullable String handover;
    private @Nullable Cause cause;
    private @Nullable String command;
    private @Nullable ContestStatus narrowing;
    private @Nullable ContestStatus change;
    private @Nullable DrainStatus drain;

    /** Starts from the status as it is, brought up to date with what was seen. */
    StatusDraft(Observed observed) {
        this.observed = observed;
        this.before = observed.status();
        timeline = new ArrayList<>(before.timelineOrEmpty());
        phase = before.phaseOrPending();
        phaseSince = before.phaseSince();
        task = before.task();
        taskSince = before.taskSince();
        startedAt = before.startedAt();
        run = before.run();
        findings = Assessing.findings(observed);
        plan = before.plan();
        staging = seenStaging();
        source = before.source();
        handover = before.handover();
        cause = before.cause();
        command = observed.migration().command();
        narrowing = before.narrowing();
        change = before.change();
        judgement = observed.judgement();
        metrics = judgement.metrics();
        verdict = before.verdict();
        drain = observed.drain();
        target = seenTarget();
        services = seenServices();
        step = seenStep();
        if (judgement.conclusion() != null && !toBeTold()) {
            conclude(judgement.conclusion());
        }
    }

    /**
     * Whether what was waited for is there, or will not be: that is a transition of its own. Harm is one anyway. Once in a
     * hold: a Prometheus that comes and goes must not fill the timeline.
     */
    private boolean toBeTold() {
        Conclusion c = judgement.conclusion();
        if (c == null
                || (verdict != null && verdict.verdict().equals(c.verdict().name()))) {
            return false;
        }
        boolean news = c.verdict() instanceof Verdict.NonInferior
                || (c.verdict() instanceof Verdict.Inconclusive inconclusive
                        && Gate.isHeldBy(observed, judgement, inconclusive));
        return news && !toldInThisHold(c.verdict().name());
    }

    private boolean toldInThisHold(String reason) {
        Instant since = before.step() == null ? null : before.step().holdSince();
        return timeline.stream().anyMatch(t -> t.reason().equals(reason) && since != null && !t.at().isBefore(since));
    }

    private void conclude(Conclusion c) {
        String name = c.verdict().name();
        boolean same = verdict != null && verdict.verdict().equals(name);
        verdict = new VerdictStatus(
                name, c.reason(), same ? Objects.requireNonNull(verdict).since() : observed.now());
    }

    /** Tells a verdict that is new; answers whether there is one. */
    boolean tellVerdict() {
        if (!toBeTold()) {
            return false;
        }
        Conclusion c = Objects.requireNonNull(judgement.conclusion());
        conclude(c);
        if (c.verdict() instanceof Verdict.Inconclusive(var why, var _)) {
            tell(
                    true,
                    c.verdict().name(),
                    "%s: %s; analysis.onInconclusive is %s"
                            .formatted(
                                    why,
                                    c.reason(),
                                    observed.spec().analysisOrDefault().onInconclusiveOrDefault()));
        } else {
            tell(false, "NonInferior", c.reason());
        }
        return true;
    }

    /** Tells, once in a hold, that the traffic is not shared as the endpoints suggest; answers whether there is that to tell. */
    boolean tellMismatch() {
        return tellInHold(
                MISMATCH,
                judgement.mismatch(),
                "; nothing moves for that. Clients that keep connections open stay with the pods that they have, clients may reach pods past the Service, and selectors may count other requests");
    }

    /** The same of pods of which nothing is counted. */
    boolean tellUnseen() {
        return tellInHold(
                UNSEEN,
                judgement.unseen(),
                "; the verdict rests on the others. Prometheus does not scrape these, or they have had no requests");
    }

    private boolean tellInHold(String reason, Optional<String> seen, String more) {
        if (seen.isEmpty() || toldInThisHold(reason)) {
            return false;
        }
        tell(true, reason, seen.get() + more);
        return true;
    }

    /** Tells all warnings of the assessment at once; answers whether there are any that are not told yet. */
    boolean tellWarnings() {
        List<Finding> warnings =
                findings.stream().filter(f -> f.severity() == Severity.Warn).toList();
        boolean told = timeline.reversed().stream()
                .takeWhile(t ->
                        !t.reason().equals(Phase.Assessing.name())) // since it was entered, whatever the clock says
                .anyMatch(t -> t.reason().equals(WARNED));
        if (warnings.isEmpty() || told) {
            return false;
        }
        tell(
                true,
                WARNED,
                warnings.stream()
                        .map(f -> "%s: %s".formatted(f.reason(), f.message()))
                        .collect(Collectors.joining("; ")));
        return true;
    }

    /** Of one that has ended, the copy that it had kept may be gone by now. */
    private @Nullable StagingStatus seenStaging() {
        StagingStatus was = before.staging();
        if (was == null || !was.present() || !phase.terminal()) {
            return was;
        }
        return observed.stage() == null || observed.stage().left() ? was : was.removed(observed.now());
    }

    private @Nullable TargetStatus seenTarget() {
        TargetStatus was = before.target();
        ReplicaSetFacts seen = observed.target();
        ReplicaSetFacts successor = successor();
        ReplicaSetFacts serving = seen != null && (seen.wanted() > 0 || successor == null) ? seen : successor;
        if (was == null || serving == null || phase.terminal()) {
            return was;
        }
        int available = serving.available();
        int wanted = serving.wanted();
        Instant since = was.unavailableSince() == null ? observed.now() : was.unavailableSince();
        return new TargetStatus(
                was.replicaSet(),
                was.hash(),
                seen == null ? was.uid() : seen.uid(),
                available,
                wanted,
                available + "/" + wanted,
                available < wanted ? since : null);
    }

    /** The Deployment's own ReplicaSet of the new version: what serves it when ours is withdrawn (Settle). */
    private @Nullable ReplicaSetFacts successor() {
        DeploymentFacts d = observed.deployment();
        boolean handing = phase == Phase.HandingOver || phase == Phase.Finishing;
        return handing && d != null && (d.carriesChange() || observed.target() == null) ? d.current() : null;
    }

    private List<ServiceStatus> seenServices() {
        if (before.target() == null || phase.terminal()) {
            return before.servicesOrEmpty();
        }
        Set<String> targetPods = Stream.of(Optional.ofNullable(observed.target()), Optional.ofNullable(successor()))
                .flatMap(Optional::stream)
                .flatMap(set -> set.pods().stream())
                .map(Observed.PodFacts::uid)
                .collect(Collectors.toSet());
        Set<String> present =
                observed.services().stream().map(ServiceFacts::uid).collect(Collectors.toSet());
        // One that is gone stays known: the guard that misses it now has to miss it at the next look as well.
        List<ServiceStatus> gone = before.servicesOrEmpty().stream()
                .filter(s -> !present.contains(s.uid()))
                .map(s -> new ServiceStatus(s.name(), s.uid(), 0, 0, null))
                .toList();
        Set<String> replaced = gone.stream().map(ServiceStatus::name).collect(Collectors.toSet());
        return Stream.concat(
                        gone.stream(),
                        observed.services().stream()
                                .filter(s -> !replaced.contains(s.name()))
                                .map(s -> seenService(s, targetPods)))
                .sorted(Comparator.comparing(ServiceStatus::name))
                .toList();
    }

    private static ServiceStatus seenService(ServiceFacts service, Set<String> targetPods) {
        int ofTarget =
                (int) service.readyPods().stream().filter(targetPods::contains).count();
        return new ServiceStatus(
                service.name(), service.uid(), service.readyPods().size() - ofTarget, ofTarget, service.pinned());
    }

    private @Nullable StepStatus seenStep() {
        StepStatus was = before.step();
        if (was == null || phase.terminal()) {
            return was;
        }
        int ofSource =
                services.stream().mapToInt(ServiceStatus::sourceEndpoints).sum();
        int ofTarget =
                services.stream().mapToInt(ServiceStatus::targetEndpoints).sum();
        boolean follows = Guards.apply(phase) && observed.deployment() != null;
        int source = follows ? Planner.deployment(observed).replicas() : 0;
        int replicas = follows ? Ratio.targetReplicas(was.weight(), source) : was.replicas();
        int effective = follows && was.weight() < 100 ? Ratio.effectiveWeight(replicas, source) : was.effectiveWeight();
        return new StepStatus(
                was.index(),
                was.position(),
                was.weight(),
                effective,
                Ratio.effectiveWeight(ofTarget, ofSource) + "%",
                replicas,
                was.holdSince(),
                observed.holdUntil(),
                was.promotedAt());
    }

    /** The command is not taken at this look: the next one decides. */
    void leaveCommand(Observed observed) {
        command = observed.status().command();
    }

    List<MetricStatus> metrics() {
        return metrics;
    }

    Judgement judgement() {
        return judgement;
    }

    @Nullable
    StepStatus step() {
        return step;
    }

    @Nullable
    TargetStatus target() {
        return target;
    }

    /** Goes on with another task of the same phase. */
    void task(String name) {
        task = name;
        taskSince = observed.now();
        drain = null;
    }

    /** Enters a phase with its first task, and tells it. */
    void enter(Phase next, String firstTask, boolean warning, String reason, String message) {
        phase = next;
        phaseSince = observed.now();
        if (next == Phase.Preparing) {
            startedAt = observed.now();
        }
        task(firstTask);
        tell(warning, reason, message);
    }

    /** Ends the migration. */
    void end(Phase last, boolean warning, String reason, String message) {
        phase = last;
        phaseSince = observed.now();
        task = null;
        taskSince = null;
        drain = null;
        narrowing = null;
        change = null;
        tell(warning, reason, message);
    }

    /** Adds a line to the timeline and the event that says the same. */
    void tell(boolean warning, String reason, String message) {
        timeline.add(new Transition(observed.now(), phase, reason, message));
        while (timeline.size() > TIMELINE_LENGTH) {
            timeline.removeFirst();
        }
        notices.add(new Notice(warning, reason, message));
    }

    /** Notes what serves now and what is moved to. */
    void plan(SourceStatus from, TargetStatus to) {
        source = from;
        target = to;
    }

    /** What is known of the copy of production. */
    void staging(StagingStatus next) {
        staging = next;
    }

    /** What is to be done, null when another one is to be made. */
    void plan(@Nullable PlanStatus next) {
        plan = next;
    }

    /** Notes something that was not found in the assessment; what is noted already stays as it was noted first. */
    void find(Finding finding) {
        if (findings.stream().noneMatch(f -> f.reason().equals(finding.reason()))) {
            findings = Stream.concat(findings.stream().limit(MigrationStatus.MAX_FINDINGS - 1), Stream.of(finding))
                    .toList();
        }
    }

    /** What was found is not so any more. */
    void forget(String reason) {
        findings = findings.stream().filter(f -> !f.reason().equals(reason)).toList();
    }

    void step(int index, int replicas, int sourceReplicas) {
        int weight = observed.spec().plannedSteps().get(index - 1).weight();
        int effective = weight == 100 ? 100 : Ratio.effectiveWeight(replicas, sourceReplicas);
        String traffic = step == null ? "0%" : step.traffic();
        String position = index + "/" + observed.spec().plannedSteps().size();
        step = new StepStatus(index, position, weight, effective, traffic, replicas, null, null, null);
    }

    void hold(Duration hold) {
        StepStatus s = Objects.requireNonNull(step);
        step = new StepStatus(
                s.index(),
                s.position(),
                s.weight(),
                s.effectiveWeight(),
                s.traffic(),
                s.replicas(),
                observed.now(),
                observed.now().plus(hold),
                s.promotedAt());
    }

    void handover(String via) {
        handover = via;
    }

    /** The assessment ends with this. */
    void block(Failure failure) {
        findings = Assessing.blocked(findings, failure);
    }

    void cause(Failure failure) {
        cause = new Cause(failure.reason(), failure.message(), failure.remedy(), phase, observed.now());
    }

    /** The rest of the hold is over now, and no evidence is waited for. */
    void promote() {
        StepStatus s = Objects.requireNonNull(step);
        step = new StepStatus(
                s.index(),
                s.position(),
                s.weight(),
                s.effectiveWeight(),
                s.traffic(),
                s.replicas(),
                s.holdSince(),
                s.holdUntil() == null || observed.now().isBefore(s.holdUntil()) ? observed.now() : s.holdUntil(),
                observed.now());
    }

    /** Notes that the Services are being narrowed to these pods. */
    void narrow(String hash) {
        narrowing = Contest.again(narrowing, hash, observed);
    }

    /** Notes that the change is being written into the Deployment's template. */
    void change() {
        change = Contest.again(change, Target.of(observed).hash(), observed);
    }

    /** Begins from the beginning; what was told stays told. */
    void again(String firstTask) {
        phase = Phase.Pending;
        phaseSince = observed.now();
        run = before.runOrFirst() + 1;
        startedAt = null;
        findings = List.of();
        plan = null;
        step = null;
        source = null;
        target = null;
        services = List.of();
        handover = null;
        cause = null;
        narrowing = null;
        change = null;
        metrics = List.of();
        verdict = null;
        task(firstTask);
        tell(false, "Retried", "run %d begins: a user asked for it".formatted(run));
    }

    /**
     * @param waiting reason of the condition Waiting, null when nothing outside is waited for
     * @param progress what is going on, in a sentence
     */
    MigrationStatus build(@Nullable String waiting, String progress) {
        MigrationStatus bare = new MigrationStatus(
                observed.migration().generation(),
                phase,
                phaseSince,
                task,
                taskSince,
                startedAt,
                run,
                findings,
                plan,
                staging,
                step,
                source,
                target,
                services,
                handover,
                cause,
                command,
                narrowing,
                change,
                metrics,
                verdict,
                drain,
                timeline,
                before.conditions());
        boolean handedOver = phase == Phase.HandingOver && HandingOver.begun(observed);
        return Conditions.merge(bare, handedOver, waiting, progress, observed.now());
    }

    List<Notice> notices() {
        return notices;
    }
}
