package dev.segue.shell;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.segue.api.Migration;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/**
 * Of a Migration what wakes the operator: its metadata. That is all that the watch keeps in memory, and one Migration that
 * this version cannot read (a later one wrote it, say) does not stop the watch of all the others.
 */
@Group(Migration.GROUP)
@Version("v1alpha1")
@Kind("Migration")
@Plural("migrations")
public final class MigrationHandle extends CustomResource<MigrationHandle.Unread, MigrationHandle.Unread>
        implements Namespaced {
    /** Whatever it is, it is not kept. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Unread() {}

    @Override
    protected @Nullable Unread initSpec() {
        return null;
    }

    @Override
    protected @Nullable Unread initStatus() {
        return null;
    }
}
