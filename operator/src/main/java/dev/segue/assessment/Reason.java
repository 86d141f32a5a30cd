package dev.segue.assessment;

import dev.segue.api.Finding;
import dev.segue.api.Finding.Severity;
import org.jspecify.annotations.Nullable;

/** What can be found in the surroundings of a workload; docs/assessment.md tells of each. */
public enum Reason {
    ConfigMapMissing(Severity.Block),
    SecretMissing(Severity.Block),
    KeyMissing(Severity.Block),
    VolumeClaimMissing(Severity.Block),
    ServiceAccountMissing(Severity.Block),
    VolumeSinglePod(Severity.Block),
    StrategyRecreate(Severity.Block),
    HostPortShared(Severity.Block),
    QuotaExceeded(Severity.Block),
    LimitRangeViolated(Severity.Block),
    PodRefused(Severity.Block),
    RightMissing(Severity.Block),
    SnapshotsMissing(Severity.Block),
    SnapshotSource(Severity.Block),
    SnapshotClass(Severity.Block),

    SingleReplica(Severity.Warn),
    GracePeriodTooShort(Severity.Warn),
    NoGracefulStop(Severity.Warn),
    VolumeSingleNode(Severity.Warn),
    HostPortUsed(Severity.Warn),
    PullSecretMissing(Severity.Warn),
    RoleMissing(Severity.Warn),
    SessionAffinity(Severity.Warn),
    AutoscalerMisled(Severity.Warn),
    PolicySkipsTarget(Severity.Warn),
    GitOpsReverts(Severity.Warn),
    MetricUnknown(Severity.Warn),
    SnapshotHasData(Severity.Warn),
    SnapshotStays(Severity.Warn),

    AutoscalerFollowed(Severity.Info),
    VolumeShared(Severity.Info),
    DisruptionsBlocked(Severity.Info),
    Routed(Severity.Info),
    AppliedFromElsewhere(Severity.Info),
    HealthOnly(Severity.Info),
    NotScraped(Severity.Info),
    Dependencies(Severity.Info),
    Roles(Severity.Info),
    RolesNotCopied(Severity.Info),
    NotChecked(Severity.Info);

    private final Severity severity;

    Reason(Severity severity) {
        this.severity = severity;
    }

    public Severity severity() {
        return severity;
    }

    Finding finding(String message, @Nullable String remedy) {
        return new Finding(severity, name(), message, remedy);
    }
}
