package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.StagingSpec.Keep;
import dev.segue.api.StagingSpec.OnDrift;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.Copied;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.StageFacts.CopyFacts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What keeps a rehearsal from going on, look by look: what ends it, with which words, and what is waited for. */
class StagingEndsTest extends StageMoment {
    private static final long PREPARE = 300;

    private static CopyFacts copied(String object) {
        return new CopyFacts(object, "a", "a", true);
    }

    private static CopyFacts missing(String object) {
        return new CopyFacts(object, "a", null, false);
    }

    private static PodFacts pod(boolean available, int restarts, @Nullable String trouble, @Nullable String said) {
        return new PodFacts("p", "u", available, available, false, restarts, trouble, said, NOW);
    }

    private void judged(long ago) {
        seen();
        staging = staging.copied(List.of(new Copied("ConfigMap/settings", "a")))
                .judged("Passed", "all well", NOW.minusSeconds(ago), null);
    }

    // ---- what makes it pointless ----

    @ParameterizedTest
    @ValueSource(strings = {"CreateNamespace", "RunTests", "ProveFresh"})
    void aDeploymentThatIsGone(String task) {
        seen();
        production.deploymentGone = true;
        fails(
                task,
                "DeploymentGone",
                "Deployment shop was deleted during the rehearsal",
                "create it again, then give the command retry");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RunTests", "ProveFresh"})
    void aSpecThatIsTakenAway(String task) {
        seen();
        unspecified = true;
        fails(
                task,
                "StagingIncomplete",
                "spec.staging was taken away during the rehearsal",
                "give the command retry: it then runs without one");
        assertThat(after(look(Phase.Staging, task)).keptUntil()).isNull();
    }

    @Test
    void aNamespaceOfSomebodyElse() {
        ours = false;
        fails(
                "CreateNamespace",
                "StagingNamespaceForeign",
                "namespace prod-stg-shop-2 exists and is not this Migration's, so it is not touched",
                "give the Migration another name, or remove that namespace, then give the command retry");
        administrators = "lab";
        fails(
                "CreateNamespace",
                "StagingNamespaceForeign",
                "namespace prod-stg-shop-2 is not labelled for Migrations of namespace prod",
                "kubectl label namespace prod-stg-shop-2 segue.dev/staging-for=prod, then give the command retry");
    }

    @Test
    void anAdministratorsNamespaceThatIsNotThere() {
        administrators = NAMESPACE;
        present = false;
        occupied = false;
        fails(
                "CreateNamespace",
                "StagingNamespaceMissing",
                "spec.staging.namespace is prod-stg-shop-2, and there is no such namespace",
                "let an administrator make it: kubectl create namespace prod-stg-shop-2 && kubectl label namespace prod-stg-shop-2 segue.dev/staging-for=prod; or leave the field out");
    }

    @Test
    void anAdministratorsNamespaceInUseIsWaitedForButNotShared() {
        otherwise = "Migration other";
        assertThat(awaits("CreateNamespace"))
                .isEqualTo("StagingOccupied: namespace prod-stg-shop-2 has the copy of Migration other in it");
        seen();
        fails(
                "CopyObjects",
                "StagingNamespaceForeign",
                "namespace prod-stg-shop-2 has the copy of Migration other in it, too",
                "let that one end, then give the command retry");
    }

    @Test
    void aNamespaceThatWasReplaced() {
        seen();
        uid = "uid-of-another";
        fails(
                "RunTests",
                "StagingNamespaceGone",
                "namespace prod-stg-shop-2 was deleted during the rehearsal",
                "find out who deletes namespaces here, then give the command retry");
    }

    // ---- the namespace ----

    @Test
    void aNamespaceThatIsNotMadeInTime() {
        present = false;
        occupied = false;
        refusal = "namespaces is forbidden";
        ours = false; // what is not there is nobody's
        since(PREPARE - 1);
        assertThat(Moment.said(look(Phase.Staging, "CreateNamespace"))).isEqualTo("creating namespace prod-stg-shop-2");
        since(PREPARE);
        fails(
                "CreateNamespace",
                "StagingIncomplete",
                "creating namespace prod-stg-shop-2 was not possible within 5m (deadline.prepare): namespaces is forbidden",
                "correct that, then give the command retry");
    }

    @Test
    void aNamespaceThatIsOursAlreadyIsGoneOnWith() {
        seen();
        goesOn("CreateNamespace", "SnapshotVolumes");
        earlier = true;
        occupied = false;
        goesOn("CreateNamespace", "SnapshotVolumes");
    }

    @Test
    void anEarlierCopyThatGoesIsWaitedFor() {
        terminating = true;
        since(59);
        assertThat(awaits("CreateNamespace")).isEqualTo("namespace prod-stg-shop-2 is being deleted");
        since(60);
        blocking = "a finalizer";
        assertThat(awaits("CreateNamespace"))
                .isEqualTo("StagingTerminating: namespace prod-stg-shop-2 is being deleted: a finalizer");
    }

    // ---- the copy ----

    @Test
    void whatCannotBeCopied() {
        seen();
        problem = "Secret db is not listed";
        for (String task : List.of("CopyObjects", "DeployDependencies", "DeployTarget")) {
            fails(task, "StagingIncomplete", "Secret db is not listed", "correct that, then give the command retry");
        }
    }

    @Test
    void whatIsNotCopiedInTime() {
        seen();
        copies.add(missing("ConfigMap/settings"));
        since(PREPARE);
        fails(
                "CopyObjects",
                "StagingIncomplete",
                "copying 1 object(s) to namespace prod-stg-shop-2 was not possible within 5m (deadline.prepare): the operator's log says more",
                "correct that, then give the command retry");
    }

    /** What is made of nothing of production cannot be stale. */
    @Test
    void whatWasCopiedIsNotedOnce() {
        seen();
        copies.add(copied("ConfigMap/settings"));
        copies.add(new CopyFacts("NetworkPolicy/segue", null, null, true));
        Decision noted = look(Phase.Staging, "CopyObjects");
        assertThat(Moment.said(noted)).isEqualTo("1 object(s) of production are copied");
        assertThat(after(noted).objectsOrEmpty()).containsExactly(new Copied("ConfigMap/settings", "a"));
        staging = after(noted);
        goesOn("CopyObjects", "ProbeIsolation");
    }

    @Test
    void theNewVersionIsStartedOnce() {
        seen();
        copies.add(copied("Deployment/shop"));
        staging = staging.copied(List.of(new Copied("Deployment/shop", "a")));
        goesOn("DeployTarget", "AwaitStagedTarget");
    }

    /** Production's template was changed meanwhile, and needs more than before. */
    @Test
    void whatTheNewVersionNeedsByNowIsCopiedWithIt() {
        seen();
        copies.add(missing("ConfigMap/more"));
        copies.add(missing("Deployment/shop"));
        assertThat(look(Phase.Staging, "DeployTarget").actions())
                .containsExactly(new Action.CopyIntoStage(NAMESPACE, List.of("ConfigMap/more", "Deployment/shop"), 1));
    }

    // ---- its pods ----

    @Test
    void podsAreWaitedForAsLongAsTheDeadlineSays() {
        seen();
        pods.add(pod(false, 1, null, null));
        since(PREPARE - 1);
        assertThat(awaits("AwaitStagedTarget")).isEqualTo("0 of 1 pod(s) of the new version are available in staging");
        since(PREPARE);
        fails(
                "AwaitStagedTarget",
                "StagingTargetFailed",
                "0 of 1 pod(s) of the new version are available in staging after 5m (deadline.prepare)",
                "kubectl -n prod-stg-shop-2 describe pods");
        pods.add(pod(true, 0, null, null));
        goesOn("AwaitStagedTarget", "RunTests");
    }

    @Test
    void podsThatAreRestartedAreNotWaitedFor() {
        seen();
        pods.add(pod(false, 2, null, null));
        since(9);
        assertThat(awaits("AwaitStagedTarget")).startsWith("0 of 1 pod(s)");
        since(10);
        String remedy = "kubectl -n prod-stg-shop-2 describe pods; repair it, then give the command retry";
        fails(
                "AwaitStagedTarget",
                "StagingTargetFailed",
                "the new version does not get ready in staging: pod p was restarted 2 times",
                remedy);
        pods.set(0, pod(false, 0, "CrashLoopBackOff", null));
        fails(
                "AwaitStagedTarget",
                "StagingTargetFailed",
                "the new version does not get ready in staging: pod p: CrashLoopBackOff",
                remedy);
        pods.set(0, pod(false, 0, "ErrImagePull", "no such image"));
        fails(
                "AwaitStagedTarget",
                "StagingTargetFailed",
                "the new version does not get ready in staging: pod p: ErrImagePull: no such image",
                remedy);
    }

    // ---- the verdict ----

    @Test
    void theVerdictCountsTheUsersTests() {
        seen();
        staging = staging.copied(List.of(new Copied("ConfigMap/settings", "a"), new Copied("Deployment/shop", "b")))
                .isolated("Unknown")
                .with(new TestStatus(StageTests.ISOLATION, "Passed", 1, NOW, NOW, null))
                .with(new TestStatus("load", "Passed", 1, NOW, NOW, null))
                .with(new TestStatus("smoke", "Passed", 1, NOW, NOW, null))
                .with(new TestStatus("left", "Running", 1, NOW, null, null))
                .with(new TestStatus("segue-load", "Running", 1, NOW, null, "not told"));
        Decision judged = look(Phase.Staging, "JudgeStaging");
        String sentence =
                "the new version got ready in staging with 2 object(s) of production, and 2 test(s) passed; isolation: Unknown";
        assertThat(judged.notices()).containsExactly(new Notice(false, "StagingPassed", sentence));
        assertThat(after(judged).verdict()).isEqualTo("Passed");
        assertThat(after(judged).message()).isEqualTo(sentence);
        assertThat(after(judged).at()).isEqualTo(NOW);
        assertThat(after(judged).keptUntil()).isNull();
        keep = Keep.Always;
        assertThat(after(look(Phase.Staging, "JudgeStaging")).keptUntil()).isEqualTo(NOW.plus(Duration.ofHours(2)));
        staging = after(judged);
        goesOn("JudgeStaging", "LeaveStaging");
    }

    @Test
    void howLongAFailedOneIsKept() {
        seen();
        problem = "Secret db is not listed";
        for (Keep policy : Keep.values()) {
            keep = policy;
            assertThat(after(look(Phase.Staging, "CopyObjects")).keptUntil())
                    .isEqualTo(policy == Keep.Never ? null : NOW.plus(Duration.ofHours(2)));
        }
    }

    @Test
    void theCopyIsRemovedWhileProductionIsMoved() {
        judged(0);
        assertThat(look(Phase.Staging, "LeaveStaging").actions())
                .containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
        terminating = true;
        goesOn("LeaveStaging", "ProveFresh");
        terminating = false;
        staging = staging.judged("Passed", "all well", NOW, NOW.plusSeconds(60));
        goesOn("LeaveStaging", "ProveFresh");
    }

    // ---- whether it still holds ----

    @Test
    void aSourceThatIsNotHealthyIsWaitedForFirst() {
        judged(0);
        copies.add(copied("ConfigMap/settings"));
        production.shop.available = 3;
        assertThat(awaits("ProveFresh"))
                .isEqualTo("SourceUnready: Deployment shop is not healthy: 3 of 4 replicas available, 4 up to date");
        production.shop.available = 4;
        production.shop.current = null;
        assertThat(awaits("ProveFresh")).startsWith("SourceUnready: ");
    }

    @Test
    void whatIsAssessedIsAssessedOnceMore() {
        judged(0);
        production.shop.paused = true;
        fails(
                "ProveFresh",
                "DeploymentPaused",
                "Deployment shop is paused, so it could not take the new version over",
                "kubectl rollout resume deployment/shop");
    }

    @Test
    void aVerdictGetsOld() {
        copies.add(copied("ConfigMap/settings"));
        judged(86_399);
        assertThat(look(Phase.Staging, "ProveFresh").status().phase()).isEqualTo(Phase.Preparing);
        judged(86_400);
        Decision again = look(Phase.Staging, "ProveFresh");
        assertThat(after(again))
                .isEqualTo(StagingStatus.begin(NAMESPACE, 2).stale("the verdict is older than 24h (staging.maxAge)"));
        assertThat(again.notices())
                .containsExactly(new Notice(
                        true,
                        "StagingStale",
                        "rehearsing again, as production was changed: the verdict is older than 24h (staging.maxAge)"));
    }

    @Test
    void whatIsDifferentIsNamed() {
        judged(0);
        onDrift = OnDrift.Wait;
        copies.add(new CopyFacts("ConfigMap/settings", "b", null, false));
        copies.add(new CopyFacts("Secret/ca", "c", null, false));
        String waiting = "the rehearsal does not speak of production as it is: ";
        assertThat(look(Phase.Staging, "ProveFresh").notices())
                .containsExactly(
                        new Notice(true, "StagingStale", waiting + "ConfigMap/settings, Secret/ca changed since"));
        copies.clear();
        assertThat(after(look(Phase.Staging, "ProveFresh")).stale())
                .isEqualTo("ConfigMap/settings is not needed any more");
        staging = staging.stale("ConfigMap/settings is not needed any more");
        assertThat(awaits("ProveFresh"))
                .isEqualTo("StagingStale: " + waiting + staging.stale()
                        + "; give the command promote to take its verdict all the same, or abort and retry");
        copies.add(copied("ConfigMap/settings"));
        Decision well = look(Phase.Staging, "ProveFresh");
        assertThat(Moment.said(well)).isEqualTo("production is again as it was rehearsed");
        assertThat(after(well).stale()).isNull();
    }

    @Test
    void productionThatNeverRestsIsNotChased() {
        for (int attempt : List.of(4, 5)) {
            staging = StagingStatus.begin(NAMESPACE, attempt);
            judged(0);
            copies.clear();
            if (attempt == 4) {
                assertThat(after(look(Phase.Staging, "ProveFresh")).attempt()).isEqualTo(5);
            } else {
                fails(
                        "ProveFresh",
                        "StagingStale",
                        "production was changed during each of 5 rehearsals; the last time: ConfigMap/settings is not needed any more",
                        "let production rest (find out what keeps changing it), then give the command retry");
            }
        }
    }

    @Test
    void theVerdictCanOnlyBeTakenWhileItIsWaitedWith() {
        judged(60);
        command = "promote";
        assertThat(look(Phase.Staging, "ProveFresh").notices())
                .extracting(Notice::reason)
                .containsExactly("CommandIgnored");
        staging = staging.stale("ConfigMap/settings changed since");
        assertThat(look(Phase.Staging, "RunTests").notices())
                .extracting(Notice::reason)
                .containsExactly("CommandIgnored");
        Decision taken = look(Phase.Staging, "ProveFresh");
        assertThat(taken.notices())
                .containsExactly(new Notice(
                        false,
                        "Promoted",
                        "the verdict of the rehearsal is taken for production as it is, as a user asked"));
        assertThat(after(taken).verdict()).isEqualTo("Passed");
        assertThat(after(taken).message()).isEqualTo("all well");
        assertThat(after(taken).at()).isEqualTo(NOW);
    }
}
