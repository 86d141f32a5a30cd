package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumns;
import io.fabric8.crd.generator.annotation.Labels;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Moves one live Deployment to a new version without failing a request. A one-shot event, not an
 * attachment: when it has ended, nothing of it is left on the user's objects.
 */
@Group(Migration.GROUP)
@Version("v1alpha1")
@Kind("Migration")
@Plural("migrations")
@ShortNames("mig")
@Categories("segue")
@JsonClassDescription("Moves one live Deployment to a new version without failing a request.")
@Labels({"app.kubernetes.io/name=segue", "app.kubernetes.io/part-of=segue"})
@AdditionalPrinterColumns({
    @AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase"),
    @AdditionalPrinterColumn(name = "Step", jsonPath = ".status.step.position"),
    @AdditionalPrinterColumn(name = "Weight", jsonPath = ".status.step.traffic"),
    @AdditionalPrinterColumn(name = "Target", jsonPath = ".status.target.availability"),
    @AdditionalPrinterColumn(name = "Verdict", jsonPath = ".status.verdict.verdict"),
    @AdditionalPrinterColumn(name = "Waiting", jsonPath = ".status.conditions[?(@.type==\"Waiting\")].reason"),
    @AdditionalPrinterColumn(
            name = "Age",
            jsonPath = ".metadata.creationTimestamp",
            type = AdditionalPrinterColumn.Type.DATE),
    @AdditionalPrinterColumn(
            name = "Reversible",
            jsonPath = ".status.conditions[?(@.type==\"Reversible\")].status",
            priority = 1),
    @AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.cause.reason", priority = 1)
})
@ValidationRule(
        value = "!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase in"
                + " ['Pending', 'Assessing', 'Planned', 'Failed', 'Reverted']"
                + " || (self.spec.components == oldSelf.spec.components"
                + " && has(self.spec.steps) == has(oldSelf.spec.steps)"
                + " && (!has(self.spec.steps) || self.spec.steps == oldSelf.spec.steps)"
                + " && has(self.spec.handover) == has(oldSelf.spec.handover)"
                + " && (!has(self.spec.handover) || self.spec.handover == oldSelf.spec.handover))",
        message =
                "components, steps and handover cannot change once the migration runs, nor after Completed or Stuck: create a"
                        + " new Migration. One that runs can be aborted first, until the handover (kubectl annotate migration"
                        + " NAME segue.dev/command=abort --overwrite); once it is Reverted, change them and give the command retry",
        fieldPath = ".spec")
@ValidationRule(
        value = "!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase in"
                + " ['Pending', 'Assessing', 'Planned', 'Failed', 'Reverted']"
                + " || !has(self.spec.mode) || self.spec.mode != 'Plan'"
                + " || (has(oldSelf.spec.mode) && oldSelf.spec.mode == 'Plan')",
        message = "mode cannot become Plan while the migration runs, nor after it: hold it by spec.paused, or end it by"
                + " kubectl annotate migration NAME segue.dev/command=abort --overwrite",
        fieldPath = ".spec")
@ValidationRule(
        value = "!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase in"
                + " ['Pending', 'Assessing', 'Planned', 'Failed', 'Reverted']"
                + " || (has(self.spec.staging) == has(oldSelf.spec.staging)"
                + " && (!has(self.spec.staging) || (has(self.spec.staging.__namespace__) == has(oldSelf.spec.staging.__namespace__)"
                + " && (!has(self.spec.staging.__namespace__)"
                + " || self.spec.staging.__namespace__ == oldSelf.spec.staging.__namespace__)"
                + " && self.spec.staging.?rehearse.orValue(false) == oldSelf.spec.staging.?rehearse.orValue(false)"
                + " && has(self.spec.staging.snapshots) == has(oldSelf.spec.staging.snapshots)"
                + " && (!has(self.spec.staging.snapshots)"
                + " || self.spec.staging.snapshots == oldSelf.spec.staging.snapshots))))",
        message = "staging cannot be added, taken away or moved to another namespace, nor staging.rehearse or"
                + " staging.snapshots change, once the migration runs, nor after Completed or Stuck: create a new Migration. One that runs can be aborted"
                + " first, until the handover (kubectl annotate migration NAME segue.dev/command=abort --overwrite)",
        fieldPath = ".spec")
@ValidationRule(
        value = "!has(oldSelf.status) || !has(oldSelf.status.staging) || has(oldSelf.status.staging.removedAt)"
                + " || !has(self.spec.staging) || !has(oldSelf.spec.staging)"
                + " || (has(self.spec.staging.__namespace__) == has(oldSelf.spec.staging.__namespace__)"
                + " && (!has(self.spec.staging.__namespace__)"
                + " || self.spec.staging.__namespace__ == oldSelf.spec.staging.__namespace__))",
        message = "staging.namespace cannot change while there is a copy in the one before: wait until"
                + " status.staging.removedAt is set",
        fieldPath = ".spec")
public final class Migration extends CustomResource<MigrationSpec, MigrationStatus> implements Namespaced {
    public static final String GROUP = "segue.dev";

    /** There from before the first write of ours until nothing of ours is left; see {@link Phase#engaged()}. */
    public static final String FINALIZER = "segue.dev/revert";

    /** The annotation by which a user gives a command; see {@link Command}. */
    public static final String COMMAND_ANNOTATION = "segue.dev/command";

    @Override
    protected MigrationStatus initStatus() {
        return MigrationStatus.EMPTY;
    }
}
