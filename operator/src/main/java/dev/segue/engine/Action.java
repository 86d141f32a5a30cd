package dev.segue.engine;

import dev.segue.api.Phase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One act on the cluster. Each can be repeated without harm, and each is for the object as it was observed: if the world
 * has moved on, the API server refuses it and the next look decides anew.
 */
public sealed interface Action {
    /**
     * Create the target's ReplicaSet beside the Deployment's, without pods: the one act that the API server cannot refuse
     * when it arrives too late, so nothing may come of it by itself.
     */
    record CreateTarget(String name, String hash) implements Action {}

    /** Give the target this many pods. */
    record ScaleTarget(String name, String uid, int replicas) implements Action {}

    /** Create the Service that keeps endpoints known to the nodes while they drain. */
    record CreateHold(String service) implements Action {}

    /** Narrow a Service to the pods with this hash. */
    record Pin(String service, String uid, String hash) implements Action {}

    /** Take the narrowing back. */
    record Unpin(String service, String uid) implements Action {}

    /** Write the change into the Deployment's template, and pause it when it is to adopt the target. */
    record ApplyChange(String deploymentUid, boolean pause) implements Action {}

    /**
     * Make the API server refuse a change of the template that was sent and has not arrived: it is for a version of the
     * Deployment that then is not the latest any more.
     */
    record Fence(String deploymentUid, String token) implements Action {}

    /** Let the Deployment go on. */
    record Resume(String deploymentUid) implements Action {}

    /**
     * Let go of the target's ReplicaSet, so that the Deployment adopts it.
     *
     * @param replicas size of the Deployment, at which it shall find the ReplicaSet complete
     */
    record ReleaseTarget(String name, String uid, int replicas) implements Action {}

    /** Delete the target's ReplicaSet. */
    record DeleteTarget(String name, String uid) implements Action {}

    /** Delete the helper Service. */
    record DeleteHold(String service) implements Action {}

    /** One on the copy of production. */
    sealed interface OnStage extends Action {}

    /** Create the namespace of the copy of production. */
    record CreateStage(String namespace, int attempt) implements OnStage {}

    /** Take a snapshot of each of these claims of production. */
    record TakeSnapshots(List<String> claims, int attempt) implements OnStage {}

    /** Give these claims' snapshots to the copy. */
    record OfferSnapshots(String namespace, List<String> claims, int attempt) implements OnStage {}

    /** Delete these objects of snapshots. */
    record RemoveSnapshots(String namespace, StageFacts.Place place, List<String> names) implements OnStage {}

    /** Create these objects there, in the order of the closure, from production as it is now. */
    record CopyIntoStage(String namespace, List<String> objects, int attempt) implements OnStage {}

    /** Delete the Deployment there, with its pods. */
    record DeleteStaged(String namespace) implements OnStage {}

    /** Start the old version there. */
    record DeploySource(String namespace, int attempt) implements OnStage {}

    /** Create the Migration there that moves its traffic. */
    record BeginMoves(String namespace, int attempt) implements OnStage {}

    /** Give that Migration the command to go back. */
    record TakeBackMoves(String namespace) implements OnStage {}

    /** Delete the Job that makes the load of that rehearsal. */
    record StopLoad(String namespace, String job) implements OnStage {}

    /** Start one try of a test there. */
    record StartTest(String namespace, String test, String job) implements OnStage {}

    /** Keep the end of a Job's log in the report. */
    record KeepLog(String namespace, String test, String job) implements OnStage {}

    /** Delete the copy of production: its namespace, or what is ours in an administrator's. */
    record RemoveStage(String namespace, @Nullable String uid) implements OnStage {}

    /** Write the report as it is during this phase, or bring it up to date. */
    record WriteReport(Phase during) implements Action {}

    /** Remove the traces of our writes from an object's managed fields. */
    record ForgetFields(Kind kind, String name) implements Action {

        /** Objects of the user's that we write to. */
        public enum Kind {
            Deployment,
            ReplicaSet,
            Service
        }
    }
}
