package dev.segue.engine;

import dev.segue.engine.Sight.Read;
import dev.segue.engine.World.Service;
import java.util.Optional;

/**
 * An act on its way to the API server, with what it is conditional on.
 *
 * @param version of what the act was decided on; 0 of what is not there, or does not matter
 */
record Sent(Action action, int version) {
    static Sent of(Action action, Sight seen) {
        return new Sent(action, version(action, seen));
    }

    /** What the API server, or the live object before the write, is asked for beside the UID. */
    private static int version(Action action, Sight seen) {
        return switch (action) {
            case Action.Pin(String name, var _, var _) -> service(name, seen);
            case Action.Unpin(String name, var _) -> service(name, seen);
            case Action.ApplyChange _, Action.Fence _ -> {
                World.Deployment d = seen.at(Read.DEPLOYMENT).deployment;
                yield d == null ? 0 : d.version();
            }
            case Action.ScaleTarget(var _, String uid, var _) -> replicaSet(uid, seen);
            case Action.ReleaseTarget(var _, String uid, var _) -> replicaSet(uid, seen);
            default -> 0;
        };
    }

    private static int service(String name, Sight seen) {
        return seen.at(Read.SERVICES).find(name).map(s -> s.version).orElse(0);
    }

    private static int replicaSet(String uid, Sight seen) {
        return seen.at(Read.REPLICA_SETS)
                .findSet(uid)
                .map(World.ReplicaSet::version)
                .orElse(0);
    }

    boolean valid(World now) {
        boolean there = switch (action) {
            case Action.Pin(String name, String uid, var _) -> is(now.find(name), uid);
            case Action.Unpin(String name, String uid) -> is(now.find(name), uid);
            case Action.CreateHold(String name) -> now.find(name).isPresent();
            case Action.DeleteHold(String name) -> now.find(name).isPresent();
            case Action.CreateTarget _ -> now.deployment != null;
            case Action.ForgetFields(Action.ForgetFields.Kind kind, String name) ->
                switch (kind) {
                    case Deployment -> now.deployment != null;
                    case ReplicaSet -> true;
                    case Service -> now.find(name).isPresent();
                };
            default -> true;
        };
        return there && version(action, _ -> now) == version;
    }

    private static boolean is(Optional<Service> service, String uid) {
        return service.filter(s -> s.uid.equals(uid)).isPresent();
    }

    /** Whether it is answered with a conflict, which ends the pass; of the others the live object is read first. */
    boolean conflicts(World now) {
        return switch (action) {
            case Action.Pin _, Action.Unpin _, Action.ApplyChange _, Action.Fence _ -> !valid(now);
            default -> false;
        };
    }
}
