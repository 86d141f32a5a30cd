package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndStateTest {
    @Test
    void namesAndTimesThatAreOthersEachTimeMakeNoDifference() {
        EndState one =
                EndState.of(List.of(pod("app-mmnrdrtk5j-7wcz5", "a", "1"), pod("app-mmnrdrtk5j-jbdjp", "b", "1")));
        EndState other =
                EndState.of(List.of(pod("app-mbcdfghjkl-xxxxx", "c", "1"), pod("app-mbcdfghjkl-zzzzz", "d", "1")));

        assertThat(one.differences(other)).isEmpty();
        assertThat(one.lines()).contains("Pod/app-TARGET-?#2 spec.containers[0].image = 1");
    }

    @Test
    void tellsEachFieldThatDiffers() {
        EndState one = EndState.of(List.of(pod("app-85d78698d-7wcz5", "a", "1")));
        EndState other = EndState.of(List.of(pod("app-85d78698d-jbdjp", "b", "2")));

        assertThat(one.differences(other))
                .containsExactly(
                        "+ Pod/app-85d78698d-? spec.containers[0].image = 1",
                        "- Pod/app-85d78698d-? spec.containers[0].image = 2");
    }

    @Test
    void anotherObjectOfTheSameKindIsADifference() {
        EndState one = EndState.of(List.of(pod("app-85d78698d-7wcz5", "a", "1")));
        EndState two = EndState.of(List.of(pod("app-85d78698d-7wcz5", "a", "1"), pod("app-85d78698d-jbdjp", "b", "1")));

        assertThat(one.differences(two)).isNotEmpty();
    }

    @Test
    void whatRestsOnUidsMakesNoDifference() {
        assertThat(EndState.lasting("uid 0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d, hash " + "0".repeat(64)))
                .isEqualTo("uid UID, hash HASH");
        assertThat(EndState.lasting("the plan stands (75507fab2f60); nothing has been written"))
                .isEqualTo("the plan stands (HASH); nothing has been written");
        assertThat(EndState.lasting("digest 0123456789abcdef")).isEqualTo("digest 0123456789abcdef");
    }

    @Test
    void howManyRequestsTheLoadHasSentMakesNoDifference() {
        assertThat(EndState.lasting("201 request(s), none failed")).isEqualTo("N request(s), none failed");
        assertThat(EndState.lasting("2 of 201 request(s) failed")).isEqualTo("2 of N request(s) failed");
    }

    private static Pod pod(String name, String uid, String image) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(uid)
                .withCreationTimestamp("2026-01-01T00:00:0%dZ".formatted(uid.charAt(0) - 'a'))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("app")
                .withImage(image)
                .endContainer()
                .endSpec()
                .build();
    }
}
