package dev.segue.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.cluster.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    private static final List<String> FAILING = List.of("sh", "-c", "cat; echo \"no $THING\" >&2; exit 3");

    private final List<String> told = new ArrayList<>();
    private final Commands commands = new Commands(Map.of("THING", "luck"), told::add);

    @Test
    void givesCodeOutputAndErrors() {
        assertThat(commands.result("in\n", FAILING)).isEqualTo(new Result(3, "in\n", "no luck\n"));
        assertThat(told).containsExactly("no luck");
    }

    @Test
    void demandsSuccess() {
        assertThat(commands.run("in\n", List.of("cat"))).isEqualTo("in\n");
        assertThatThrownBy(() -> commands.run("in\n", FAILING))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sh -c")
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("no luck");
    }

    @Test
    void looksForProgramsByThePathThatItIsGiven(@TempDir Path folder) throws Exception {
        Path program = Files.writeString(folder.resolve("only-here"), "#!/bin/sh\necho found\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();

        var elsewhere = new Commands(Map.of("PATH", folder + ":" + System.getenv("PATH")));

        assertThat(elsewhere.run("", List.of("only-here"))).isEqualTo("found\n");
    }

    @Test
    void anInterruptEndsTheProgram() throws InterruptedException {
        Thread caller = Thread.ofPlatform()
                .start(() -> assertThatThrownBy(() -> commands.run("", List.of("sleep", "3600.25")))
                        .hasMessageContaining("interrupted"));
        await().until(() -> sleeper().isPresent());
        ProcessHandle sleeper = sleeper().orElseThrow();

        caller.interrupt();

        caller.join();
        await().until(() -> !sleeper.isAlive());
    }

    private static Optional<ProcessHandle> sleeper() {
        return ProcessHandle.current()
                .children()
                .filter(p -> p.info()
                        .commandLine()
                        .filter(l -> l.endsWith("sleep 3600.25"))
                        .isPresent())
                .findFirst();
    }
}
