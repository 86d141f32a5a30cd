package dev.segue.engine;

import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.ReplicaSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** What the Deployment controller of Kubernetes does, once. */
final class DeploymentController {
    private final World world;

    DeploymentController(World world) {
        this.world = world;
    }

    /** As kube-controller-manager's: claim orphans; the oldest set with the template is the new one; roll. */
    void control(Deployment d) {
        world.sets.stream().filter(s -> s.controller == null && !s.deleting).forEach(s -> s.controller = d.uid);
        List<ReplicaSet> own = world.owned(d);
        ReplicaSet fresh = world.current(d);
        int surge = Math.ceilDiv(d.replicas, 4);
        int least = d.replicas - d.replicas / 4;
        int all = own.stream().mapToInt(s -> s.wanted).sum();
        if (d.paused) {
            List<ReplicaSet> active = own.stream().filter(s -> s.wanted > 0).toList();
            if (active.size() == 1) {
                active.getFirst().wanted = d.replicas;
            } else if (fresh != null && saturated(fresh, d)) {
                active.stream().filter(s -> s != fresh).forEach(s -> s.wanted = 0);
            } else if (!active.isEmpty()) {
                inProportion(active, d, surge);
            }
            active.forEach(s -> s.size = d.replicas);
        } else if (fresh == null) {
            String hash = "4" + world.nextSerial();
            ReplicaSet made = new ReplicaSet(
                    "shop-" + hash,
                    "rs-" + hash,
                    hash,
                    d.template,
                    Math.clamp(d.replicas + surge - all, 0, d.replicas),
                    d.uid);
            made.size = d.replicas;
            world.sets.add(made);
        } else {
            fresh.wanted += Math.min(d.replicas - fresh.wanted, Math.max(0, d.replicas + surge - all));
            List<ReplicaSet> old =
                    own.stream().filter(s -> s != fresh && s.wanted > 0).toList();
            int room = own.stream().mapToInt(s -> s.wanted).sum() - least - (fresh.wanted - fresh.ready(world.now));
            for (ReplicaSet set : old) {
                int unhealthy = Math.clamp(set.wanted - set.ready(world.now), 0, Math.max(0, room));
                set.wanted -= unhealthy;
                room -= unhealthy;
            }
            room = Math.min(room, own.stream().mapToInt(s -> s.ready(world.now)).sum() - least);
            for (ReplicaSet set : old) {
                int cut = Math.clamp(room, 0, set.wanted);
                set.wanted -= cut;
                room -= cut;
            }
        }
        d.observedGeneration = d.generation;
        d.total = world.owned(d).stream().mapToInt(ReplicaSet::active).sum();
        d.available = world.owned(d).stream().mapToInt(s -> s.ready(world.now)).sum();
        ReplicaSet updated = world.current(d);
        d.updated = updated == null ? 0 : updated.active();
    }

    /** A set without the annotation, which only the controller itself writes when it scales one, is never saturated. */
    private boolean saturated(ReplicaSet fresh, Deployment d) {
        return fresh.wanted == d.replicas
                && Objects.equals(fresh.size, d.replicas)
                && fresh.ready(world.now) == d.replicas;
    }

    /** As the controller scales a paused Deployment of several sets: all together get to its size with the surge. */
    private static void inProportion(List<ReplicaSet> active, Deployment d, int surge) {
        int toAdd = d.replicas + surge - active.stream().mapToInt(s -> s.wanted).sum();
        List<ReplicaSet> sorted = new ArrayList<>(toAdd > 0 ? active.reversed() : active);
        sorted.sort(Comparator.comparingInt((ReplicaSet s) -> s.wanted).reversed());
        int left = toAdd;
        for (ReplicaSet set : sorted) {
            int before = set.size == null ? d.total : set.size + Math.ceilDiv(set.size, 4);
            int fraction =
                    before == 0 ? 0 : Math.round((float) set.wanted * (d.replicas + surge) / before) - set.wanted;
            int part = left == 0 ? 0 : toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
            set.wanted += part;
            left -= part;
        }
        ReplicaSet largest = sorted.getFirst();
        largest.wanted = Math.max(0, largest.wanted + left);
    }
}
