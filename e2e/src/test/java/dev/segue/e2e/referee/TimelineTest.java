package dev.segue.e2e.referee;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a human gets to see of a history. */
class TimelineTest {
    @Test
    void showsWhatHappenedAroundARevision() {
        List<Observation> history = new Story().source().shifting().cutOver().history();
        Observation pinned = history.stream()
                .filter(o -> o.name().equals("Service/shop"))
                .toList()
                .getLast();

        List<String> lines =
                new Timeline(history).around(pinned.revision()).lines().toList();

        assertThat(lines).hasSize(1 + 20 + 1 + 2);
        assertThat(lines.getFirst()).contains("revision", "object", "signed by", "state");
        assertThat(lines.get(20)).contains("Migration/shop-2", "CuttingOver/PinTarget");
        assertThat(lines.get(21))
                .matches("> +%d +[0-9:.]+ +Service/shop +segue +selector \\{app=shop, pod-template-hash=m1}"
                        .formatted(pinned.revision()));
        assertThat(lines.get(22)).contains("EndpointSlice/shop-x", "[b1, b2]");
        assertThat(lines.stream().filter(l -> l.startsWith(">"))).hasSize(1);
    }

    @Test
    void tellsWhatComesAndGoes() {
        Story story = new Story().source().deleting("Pod/a1").gone("Pod/a1");
        long end = story.history().getLast().revision();

        String table = new Timeline(story.history()).around(end);

        assertThat(table)
                .containsPattern("Deployment/shop +kubectl +new: 2 pod\\(s\\) of shop:1 wanted")
                .containsPattern("Pod/a1 +kube-controller-manager +new: ready")
                .containsPattern("Pod/a1 +ready, being deleted")
                .containsPattern("> .*Pod/a1 +gone");
    }
}
