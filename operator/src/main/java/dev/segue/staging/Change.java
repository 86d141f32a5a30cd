package dev.segue.staging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Component;
import dev.segue.traffic.Selectors;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.Map;

/**
 * The requested change as a strategic merge patch on a Deployment. The same patch is tried in a dry run, builds the
 * target's template and is written at the handover, so the three cannot differ.
 */
public final class Change {
    private Change() {}

    /** The patch: {@code spec.template} with the component's patch and, over it, its images. */
    public static ObjectNode patch(Component component) {
        ObjectNode template = component.patch() instanceof ObjectNode given
                ? given.deepCopy()
                : JsonNodeFactory.instance.objectNode();
        if (!component.imagesOrEmpty().isEmpty()) {
            ObjectNode podSpec = object(template, "spec");
            ArrayNode containers =
                    podSpec.get("containers") instanceof ArrayNode list ? list : podSpec.putArray("containers");
            component
                    .imagesOrEmpty()
                    .forEach((name, image) -> container(containers, name).put("image", image));
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("spec").set("template", template);
        return patch;
    }

    private static ObjectNode object(ObjectNode parent, String field) {
        return parent.get(field) instanceof ObjectNode child ? child : parent.putObject(field);
    }

    private static ObjectNode container(ArrayNode containers, String name) {
        for (JsonNode container : containers) {
            if (container instanceof ObjectNode object
                    && name.equals(object.path("name").asText())) {
                return object;
            }
        }
        return containers.addObject().put("name", name);
    }

    /** Whether two templates make the same pods: equal but for the hash label, as the Deployment controller sees it. */
    public static boolean sameTemplate(PodTemplateSpec one, PodTemplateSpec other) {
        return withoutHash(one).equals(withoutHash(other));
    }

    /** A copy without the label that a ReplicaSet adds. */
    public static PodTemplateSpec withoutHash(PodTemplateSpec template) {
        Map<String, String> labels =
                template.getMetadata() == null ? null : template.getMetadata().getLabels();
        if (labels == null || !labels.containsKey(Selectors.HASH)) {
            return template;
        }
        return new PodTemplateSpecBuilder(template)
                .editMetadata()
                .removeFromLabels(Selectors.HASH)
                .endMetadata()
                .build();
    }
}
