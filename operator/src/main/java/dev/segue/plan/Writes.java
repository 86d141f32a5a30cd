package dev.segue.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.MigrationSpec;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus.PlannedObject;
import dev.segue.api.PlanStatus.PlannedStep;
import dev.segue.api.StagingSpec;
import dev.segue.staging.Change;
import dev.segue.staging.StageName;
import dev.segue.staging.TargetName;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Every object that a migration creates, changes or deletes, in the order in which it does.
 *
 * @param stage the staging namespace
 * @param labels of all that is in it
 * @param target the target's ReplicaSet
 * @param hash its pod-template-hash
 */
record Writes(
        MigrationSpec spec,
        String stage,
        Map<String, String> labels,
        String target,
        String hash,
        List<PlannedStep> steps,
        List<Service> services) {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    List<PlannedObject> inOrder() {
        String deployment = spec.component().deployment();
        List<PlannedObject> writes = new ArrayList<>();
        if (spec.staging() != null) {
            writes.add(new PlannedObject(
                    spec.staging().namespace() == null ? "Create" : "Use",
                    "Namespace/" + stage,
                    Phase.Staging,
                    staging(spec.staging())));
            spec.staging().snapshotsOrEmpty().forEach(s -> writes.addAll(snapshot(s)));
        }
        for (Service service : services) {
            writes.add(new PlannedObject("Create", "Service/" + hold(service), Phase.Preparing, helper(service)));
        }
        writes.add(new PlannedObject(
                "Create",
                "ReplicaSet/" + target,
                Phase.Preparing,
                "the ReplicaSet that Deployment %s would make for the change, at first without pods"
                        .formatted(deployment)));
        String sizes = steps.stream()
                .map(s -> Integer.toString(s.replicas()))
                .distinct()
                .collect(Collectors.joining(", then "));
        writes.add(new PlannedObject(
                "Patch",
                "ReplicaSet/" + target,
                steps.getFirst().weight() == 100 ? Phase.CuttingOver : Phase.Shifting,
                "spec.replicas: %s; more when the Deployment is scaled up".formatted(sizes)));
        for (Service service : services) {
            writes.add(new PlannedObject(
                    "Patch",
                    "Service/" + name(service),
                    Phase.CuttingOver,
                    selector(Selectors.pinned(own(service), hash))));
        }
        writes.add(new PlannedObject(
                "Patch",
                "Deployment/" + deployment,
                Phase.HandingOver,
                Masked.of(Change.patch(spec.component())).toString()));
        writes.add(handover());
        for (Service service : services) {
            writes.add(
                    new PlannedObject("Patch", "Service/" + name(service), Phase.HandingOver, selector(own(service))));
        }
        for (Service service : services) {
            writes.add(new PlannedObject("Delete", "Service/" + hold(service), Phase.Finishing, null));
        }
        return writes;
    }

    private PlannedObject handover() {
        String given = "given to the Deployment, which serves its pods on (Adopt)";
        String deleted = "its pods drained and stopped, when the Deployment's own serve (Settle)";
        return switch (spec.handoverOrDefault().viaOrDefault()) {
            case Adopt -> new PlannedObject("Patch", "ReplicaSet/" + target, Phase.HandingOver, given);
            case Settle -> new PlannedObject("Delete", "ReplicaSet/" + target, Phase.HandingOver, deleted);
            case Auto ->
                new PlannedObject(
                        "Patch",
                        "ReplicaSet/" + target,
                        Phase.HandingOver,
                        "%s; where the Deployment would not take it: deleted, %s".formatted(given, deleted));
        };
    }

    private List<PlannedObject> snapshot(StagingSpec.Snapshot wanted) {
        String name = StageName.snapshot(labels, wanted.claim());
        return List.of(
                new PlannedObject(
                        "Create",
                        "VolumeSnapshot/" + name,
                        Phase.Staging,
                        "of PersistentVolumeClaim %s of production, %s; deleted, and with it the physical snapshot, when the copy is gone"
                                .formatted(
                                        wanted.claim(),
                                        wanted.snapshotClass() == null
                                                ? "by the default class of its driver"
                                                : "class " + wanted.snapshotClass())),
                new PlannedObject(
                        "Create",
                        "VolumeSnapshotContent/" + name,
                        Phase.Staging,
                        "gives namespace %s the handle of that snapshot (Retain); deleted before it".formatted(stage)),
                new PlannedObject(
                        "Create",
                        "VolumeSnapshot/" + name,
                        Phase.Staging,
                        "in namespace %s, from which PersistentVolumeClaim %s there is filled"
                                .formatted(stage, wanted.claim())));
    }

    private String staging(StagingSpec staging) {
        String data = staging.snapshotsOrEmpty().stream()
                .map(StagingSpec.Snapshot::claim)
                .collect(Collectors.joining(", "));
        String tests = staging.jobs().stream().map(StagingSpec.Test::name).collect(Collectors.joining(", "));
        String dependencies = staging.dependenciesOrEmpty().stream()
                .map(d -> "%s (%s)".formatted(d.name(), d.mode()))
                .collect(Collectors.joining(", "));
        return "an isolated copy of what the new version needs: %d pod(s) of it, their ConfigMaps, the Secrets that spec.staging lists, %s, its Services, a quota and network policies; dependencies: %s; Jobs: %s; %sremoved at its end (keep: %s)"
                .formatted(
                        staging.replicasOrDefault(),
                        data.isEmpty()
                                ? "empty volume claims"
                                : "volume claims (%s with production's data, others empty)".formatted(data),
                        dependencies.isEmpty() ? "none listed" : dependencies,
                        tests.isEmpty() ? "none" : tests,
                        staging.rehearsesMoves()
                                ? "then the old version, a load, and a Migration that moves the traffic there and back; "
                                : "",
                        staging.keepOrDefault());
    }

    /** What keeps the endpoints known while they drain. */
    private static String helper(Service service) {
        String ports = service.getSpec().getPorts().stream()
                .map(p -> Integer.toString(p.getPort()))
                .collect(Collectors.joining(", "));
        return "type ClusterIP, selector %s, port(s) %s; for draining endpoints".formatted(json(own(service)), ports);
    }

    private static String selector(Map<String, String> selector) {
        ObjectNode replace = JSON.objectNode().put("op", "replace").put("path", "/spec/selector");
        replace.set("value", json(selector));
        ArrayNode patch = JSON.arrayNode().add(replace);
        return patch.toString();
    }

    private static ObjectNode json(Map<String, String> labels) {
        ObjectNode object = JSON.objectNode();
        new TreeMap<>(labels).forEach(object::put);
        return object;
    }

    private static Map<String, String> own(Service service) {
        return Selectors.unpinned(Services.selector(service));
    }

    private static String name(Service service) {
        return service.getMetadata().getName();
    }

    private static String hold(Service service) {
        return TargetName.hold(name(service));
    }
}
