package dev.segue.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownTest {
    @Test
    void whatOthersWriteStaysText() {
        assertThat(Markdown.text(" a|b\n* [x](http://y) <img> `c` \\ "))
                .isEqualTo("a\\|b \\* \\[x](http://y) &lt;img> \\`c\\` \\\\");
        assertThat(new Markdown().table("A | B", List.of(List.of("1|2", "3"))).page(1000))
                .isEqualTo("\n| A | B |\n| --- | --- |\n| 1\\|2 | 3 |\n");
    }

    @Test
    void whatIsTooLongIsCutAtALineAndSaysSo() {
        Markdown page = new Markdown().heading("# T").table("A", Collections.nCopies(1000, List.of("ä".repeat(50))));
        String cut = page.page(10_000);
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(10_000);
        assertThat(cut)
                .startsWith("# T\n")
                .endsWith("| " + "ä".repeat(50) + " |\n\n*Cut here: a ConfigMap holds no more than 1 MiB.*\n");
    }
}
