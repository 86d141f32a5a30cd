package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.crd.generator.annotation.SchemaFrom;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One workload and the change to it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(has(self.images) && size(self.images) > 0) || has(self.patch)",
        message = "a component needs a change: images (container name to image) or patch")
@ValidationRule(
        value = "!has(self.patch) || ((has(self.patch.spec) || has(self.patch.metadata))"
                + " && (!has(self.patch.spec) || !has(self.patch.spec.template)))",
        message =
                "patch is merged into the Deployment's spec.template: begin it with spec (of the pods) or metadata (of"
                        + " the pods), for example patch: {spec: {containers: [{name: app, env: [...]}]}}")
public record Component(
        @JsonPropertyDescription("The Deployment in the Migration's namespace that is moved to the new version.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        String deployment,

        @JsonPropertyDescription("Services that must be there. Moved is the traffic of every Service of the namespace"
                + " that selects the Deployment's pods, listed or not, but those in excludedServices.")
        @Size(max = 20)
        @Nullable
        List<@Size(min = 1, max = 63) @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") String> services,

        @JsonPropertyDescription("Services that select the Deployment's pods and are left alone, for example a headless"
                + " one for monitoring. Requests through them are not protected: pods are stopped while they send to"
                + " them.")
        @Size(max = 20)
        @Nullable
        List<@Size(min = 1, max = 63) @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") String> excludedServices,

        @JsonPropertyDescription("New images by container name. For an init container's use patch.")
        @Size(max = 20)
        @Nullable
        Map<String, @Size(min = 1, max = 1024) @Pattern("^[^\\s]+$") String> images,

        @JsonPropertyDescription("A strategic merge patch on the Deployment's pod template (spec.template), for"
                + " changes other than images.")
        @SchemaFrom(type = TemplatePatch.class)
        @Nullable
        JsonNode patch) {

    /** What the schema has to know of a patch; the API server knows the rest of a pod template. */
    @PreserveUnknownFields
    private record TemplatePatch(
            @JsonPropertyDescription("Merged into the metadata of the pods, for example annotations.")
            @PreserveUnknownFields
            @Nullable
            JsonNode metadata,

            @JsonPropertyDescription("Merged into the spec of the pods; lists of named items are merged by name.")
            @Nullable
            PodSpecPatch spec) {}

    @PreserveUnknownFields
    private record PodSpecPatch(
            @JsonPropertyDescription("Not a field of a pod's spec: declared to be refused, because an unknown field"
                    + " would be dropped without a word.")
            @PreserveUnknownFields
            @Nullable
            JsonNode template) {}

    public Map<String, String> imagesOrEmpty() {
        return images == null ? Map.of() : images;
    }

    public List<String> excludedServicesOrEmpty() {
        return excludedServices == null ? List.of() : excludedServices;
    }

    public List<String> servicesOrEmpty() {
        return services == null ? List.of() : services;
    }
}
