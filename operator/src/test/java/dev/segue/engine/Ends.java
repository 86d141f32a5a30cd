package dev.segue.engine;

import dev.segue.api.Command;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Sight.Read;
import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.ReplicaSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Where a {@link Situation} comes to rest, and what its user does about it. */
final class Ends {
    /** Another object of the name is not the one that was to be moved. */
    private static final Set<String> IRREPARABLE =
            Set.of("CheckFailed/DeploymentGone", "CheckFailed/ServiceGone", "CheckFailed/TargetGone");

    private Ends() {}

    /** What is wrong with staying like this for ever, empty when this is an end. */
    static Optional<String> flaw(Situation s) {
        World world = s.world;
        if (s.outage() && !world.abandoned) {
            return Optional.of("at the end a Service is narrowed to pods that are not ready, though others are");
        }
        if (!s.status.isTerminal()) {
            return Truth.flawOfWaiting(s, Planner.plan(s.observe(s.status)).status());
        }
        Deployment d = world.deployment;
        if (d != null && d.paused && !s.usersPause) {
            return Optional.of("at the end the Deployment is left paused by us");
        }
        if (d != null && !d.paused && s.usersPause) {
            return Optional.of("at the end the user's pause of the Deployment is gone");
        }
        Phase phase = s.status.phaseOrPending();
        if (phase == Phase.Stuck) {
            return Optional.empty();
        }
        ReplicaSet target = world.target();
        return Stream.of(
                        left(world.services.stream().anyMatch(v -> v.pin != null), "a Service is narrowed"),
                        left(world.services.stream().anyMatch(v -> v.held), "a hold Service"),
                        left(world.services.stream().anyMatch(v -> v.marked), "a trace on a Service"),
                        left(d != null && (d.marked || d.fence != null), "a trace on the Deployment"),
                        left(target != null && target.marked, "a trace on the ReplicaSet"),
                        left(target != null && world.migration.equals(target.controller), "the target"))
                .flatMap(Optional::stream)
                .findFirst()
                .map(what -> "at the end (%s) there is left: %s".formatted(phase, what));
    }

    private static Optional<String> left(boolean is, String what) {
        return is ? Optional.of(what) : Optional.empty();
    }

    /** The user puts right what is broken, and what it is waited for; what cannot be put right he aborts. */
    static void repair(Situation s) {
        World world = s.world;
        MigrationStatus last = Planner.plan(s.observe(s.status)).status();
        String reason = Truth.claim(last, last).orElse("");
        Disturbance.recover(s);
        s.metricBad = false;
        s.paused = false;
        Deployment d = world.deployment;
        if (d == null) {
            world.deployment = new Deployment("uid-of-another-deployment", "v1", 2);
            s.usersPause = false;
        } else {
            if (d.replicas == 0) {
                world.scale(2);
            }
            if (s.usersPause) {
                Disturbance.pause(s, false);
            }
            if (reason.equals("CheckFailed/SourceChanged")) {
                world.setTemplate("v1");
            } else if (reason.equals("SourceDiverged")) {
                world.setTemplate(world.desired);
            }
        }
        Disturbance.churn(s, Read.SERVICES);
        s.status.servicesOrEmpty().stream()
                .filter(k -> world.find(k.name()).isEmpty())
                .forEach(k -> world.services.add(world.newService(k.name())));
        if (IRREPARABLE.contains(reason)) {
            s.give(Command.ABORT);
        } else if (s.status.phase() == Phase.Stuck) {
            s.give(Command.RETRY);
        }
    }
}
