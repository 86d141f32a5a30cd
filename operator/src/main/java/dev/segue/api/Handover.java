package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import org.jspecify.annotations.Nullable;

/** How the Deployment takes the new version over. */
public record Handover(
        @JsonPropertyDescription("Who writes the new template into the Deployment. Patch: Segue does.")
        @Default("Patch")
        @Nullable
        Mode mode,

        @JsonPropertyDescription("Adopt: the Deployment takes the target's ReplicaSet over and no serving pod restarts;"
                + " refused in the assessment when an older ReplicaSet of the same version stands in the way."
                + " Settle: the Deployment builds its own pods, then the target's are withdrawn. Auto: Adopt"
                + " where its guards hold, else Settle.")
        @Default("Auto")
        @Nullable
        Via via) {

    static final Handover DEFAULT = new Handover(Mode.Patch, Via.Auto);

    /** Who writes the Deployment's template. */
    public enum Mode {
        Patch
    }

    /** How the pods get to the Deployment. */
    public enum Via {
        Auto,
        Adopt,
        Settle
    }

    public Via viaOrDefault() {
        return via == null ? Via.Auto : via;
    }
}
