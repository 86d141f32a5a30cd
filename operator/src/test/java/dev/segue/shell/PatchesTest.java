package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.api.Migration;
import dev.segue.engine.Observed.ServiceFacts;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the patches make of an object, by a JSON Patch library's reading of RFC 6902. */
class PatchesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SERVING = "segue.dev/serving";
    private static final OwnerReference OURS =
            new OwnerReferenceBuilder().withKind("Migration").withUid("m").build();
    private static final OwnerReference THEIRS =
            new OwnerReferenceBuilder().withKind("Team").withUid("t").build();

    private static ReplicaSet set(List<OwnerReference> owners, List<String> finalizers) {
        return new ReplicaSetBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withName("shop-m1")
                        .withUid("uid-rs")
                        .withResourceVersion("7")
                        .withOwnerReferences(owners)
                        .withFinalizers(finalizers)
                        .build())
                .withNewSpec()
                .withReplicas(2)
                .endSpec()
                .build();
    }

    private static Service service(Map<String, String> selector, ManagedFieldsEntry... managers) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName("shop")
                .withUid("uid-s")
                .withResourceVersion("7")
                .withManagedFields(managers)
                .endMetadata()
                .withNewSpec()
                .withSelector(selector)
                .endSpec()
                .build();
    }

    private static ServiceFacts seen(Service s) {
        return new ServiceFacts(
                "shop", "uid-s", "7", s.getSpec().getSelector(), List.of(), null, true, null, null, false);
    }

    private static ManagedFieldsEntry manager(String name) {
        return new ManagedFieldsEntryBuilder().withManager(name).build();
    }

    @SuppressWarnings("unchecked")
    private static <T extends HasMetadata> T apply(String patch, T object) {
        try {
            JsonNode result = JsonPatch.apply(JSON.readTree(patch), JSON.valueToTree(object));
            return (T) JSON.treeToValue(result, object.getClass());
        } catch (JsonProcessingException e) {
            throw new AssertionError(patch, e);
        }
    }

    private static <T extends HasMetadata> T apply(Optional<String> patch, T object) {
        return apply(patch.orElseThrow(), object);
    }

    @Test
    void releaseTakesOursAndNothingElse() {
        ReplicaSet target = set(List.of(THEIRS, OURS, THEIRS), List.of("example.com/a", SERVING, "example.com/b"));
        ReplicaSet released = apply(Patches.release(target, "m", 4), target);
        assertThat(released.getMetadata().getOwnerReferences()).containsExactly(THEIRS, THEIRS);
        assertThat(released.getMetadata().getFinalizers()).containsExactly("example.com/a", "example.com/b");
        assertThat(released.getMetadata().getAnnotations())
                .containsEntry("deployment.kubernetes.io/desired-replicas", "4");
    }

    @Test
    void releaseTakesWhatIsThere() {
        ReplicaSet target = set(List.of(OURS), List.of());
        assertThat(apply(Patches.release(target, "m", 4), target).getMetadata().getOwnerReferences())
                .as("someone took our finalizer off before")
                .isEmpty();
        assertThat(Patches.release(set(List.of(THEIRS), List.of()), "m", 4)).isEmpty();
    }

    @Test
    void finalizersGoOnAndOffBesideOthers() {
        for (List<String> others : List.of(List.<String>of(), List.of("example.com/a"))) {
            ReplicaSet without = set(List.of(), others);
            ReplicaSet with = apply(Patches.addFinalizer(without, Migration.FINALIZER), without);
            assertThat(with.getMetadata().getFinalizers())
                    .contains(Migration.FINALIZER)
                    .containsAll(others);
            assertThat(apply(Patches.removeFinalizer(with, Migration.FINALIZER), with))
                    .isEqualTo(without);
            assertThat(Patches.removeFinalizer(without, Migration.FINALIZER)).isEmpty();
        }
    }

    @Test
    void selectReplacesTheSelectorAsAWhole() {
        Service service = service(Map.of("app", "shop", "old", "x"));
        Map<String, String> narrow = Map.of("app", "shop", "pod-template-hash", "m1");
        assertThat(apply(Patches.select(seen(service), narrow), service)
                        .getSpec()
                        .getSelector())
                .isEqualTo(narrow);
    }

    @Test
    void scaleAndResume() {
        ReplicaSet target = set(List.of(OURS), List.of());
        assertThat(apply(Patches.scale(target, 4), target).getSpec().getReplicas())
                .isEqualTo(4);
    }

    @Test
    void onlyOurOwnPauseIsTakenBackAndOnlyAsItWasSeen() {
        Deployment ours = paused("segue");
        String resume = Patches.resume(ours).orElseThrow();
        assertThat(apply(resume, ours).getSpec().getPaused()).isNull();

        ours.getMetadata().setResourceVersion("8");
        assertThatThrownBy(() -> apply(resume, ours)).isInstanceOf(JsonPatchException.class);
        assertThat(Patches.resume(paused("kubectl-rollout"))).isEmpty();
        ours.getSpec().setPaused(null);
        assertThat(Patches.resume(ours)).isEmpty();
    }

    /** With a template of ours, as late in a handover. */
    private static Deployment paused(String by) {
        Map<String, Object> template = Map.of("f:template", Map.of());
        Map<String, Object> both = Map.of("f:template", Map.of(), "f:paused", Map.of());
        boolean ours = by.equals("segue");
        return new DeploymentBuilder()
                .withNewMetadata()
                .withUid("d")
                .withResourceVersion("7")
                .withManagedFields(
                        written("segue", ours ? both : template),
                        written(ours ? "kubectl" : by, ours ? Map.of("f:replicas", Map.of()) : both))
                .endMetadata()
                .withNewSpec()
                .withPaused(true)
                .endSpec()
                .build();
    }

    private static ManagedFieldsEntry written(String manager, Map<String, Object> spec) {
        var fields = new FieldsV1();
        fields.setAdditionalProperty("f:spec", spec);
        return new ManagedFieldsEntryBuilder()
                .withManager(manager)
                .withFieldsV1(fields)
                .build();
    }

    @Test
    void forgetRemovesOurEntriesOnly() {
        Service service = service(Map.of(), manager("segue"), manager("kubectl"), manager("segue"));
        assertThat(apply(Patches.forget(service), service).getMetadata().getManagedFields())
                .containsExactly(manager("kubectl"));
        assertThat(Patches.forget(service(Map.of(), manager("kubectl")))).isEmpty();
        assertThat(Patches.forget(service(Map.of()))).isEmpty();
    }

    @Test
    void forgetTakesTheFenceAwayAndNoOtherAnnotation() {
        Service service = service(Map.of(), manager("segue-fence"), manager("kubectl"));
        service.getMetadata().setAnnotations(Map.of(Patches.FENCE, "t", "theirs", "yes"));
        assertThat(apply(Patches.forget(service), service).getMetadata().getAnnotations())
                .containsExactly(Map.entry("theirs", "yes"));
    }

    /** Else it would name a version that it knows nothing about. */
    @Test
    void theFenceIsForTheVersionThatWasSeen() {
        assertThat(Patches.fence("uid-d", "7", "t"))
                .isEqualTo("{\"metadata\":{\"uid\":\"uid-d\",\"resourceVersion\":\"7\","
                        + "\"annotations\":{\"segue.dev/fence\":\"t\"}}}");
    }

    /** The API server takes an empty list for a client that does not know the field, and puts the old one back. */
    @Test
    void forgetResetsAListThatIsOursAlone() {
        Service service = service(Map.of(), manager("segue"), manager("segue"));
        assertThat(apply(Patches.forget(service), service).getMetadata().getManagedFields())
                .containsExactly(new ManagedFieldsEntry());
    }

    /** Held up on its way, while another operator brought the object back to what it was: it must do nothing. */
    @ParameterizedTest
    @MethodSource
    void onAnotherVersionItDoesNothing(Function<HasMetadata, String> patch, HasMetadata object) {
        String late = patch.apply(object);
        assertThat(apply(late, object)).isNotEqualTo(object);
        object.getMetadata().setResourceVersion("8");
        assertThatThrownBy(() -> apply(late, object)).isInstanceOf(JsonPatchException.class);
    }

    static Stream<Arguments> onAnotherVersionItDoesNothing() {
        return Stream.of(
                late(o -> Patches.select(seen((Service) o), Map.of("a", "b")), service(Map.of("app", "shop"))),
                late(o -> Patches.scale((ReplicaSet) o, 4), set(List.of(OURS), List.of())),
                late(o -> Patches.release((ReplicaSet) o, "m", 4).orElseThrow(), set(List.of(OURS), List.of())),
                late(o -> Patches.addFinalizer(o, "f"), set(List.of(), List.of())),
                late(o -> Patches.removeFinalizer(o, "f").orElseThrow(), set(List.of(), List.of("f"))),
                late(o -> Patches.forget(o).orElseThrow(), service(Map.of(), manager("segue"))));
    }

    private static Arguments late(Function<HasMetadata, String> patch, HasMetadata object) {
        return Arguments.of(patch, object);
    }
}
