package dev.segue;

import dev.segue.config.Settings;
import dev.segue.shell.Load;
import dev.segue.shell.Probe;
import dev.segue.shell.SegueOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator, which ends when the process is told to; or, with the argument probe or load, {@link Probe} or {@link Load}. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Exit code 2: a setting cannot be read; 1: the operator could not start. */
    public static void main(String[] arguments) {
        if (arguments.length > 0) {
            System.exit(
                    switch (arguments[0]) {
                        case "probe" -> Probe.run(System.getenv());
                        case "load" -> Load.run(System.getenv(), System.out);
                        default -> {
                            LOG.error("there is no argument '{}'; the operator takes none", arguments[0]);
                            yield 2;
                        }
                    });
            return;
        }
        Settings settings;
        try {
            settings = Settings.from(System.getenv());
        } catch (IllegalArgumentException e) {
            LOG.error("{}", e.getMessage());
            System.exit(2);
            return;
        }
        try {
            SegueOperator operator = new SegueOperator(settings);
            Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
        } catch (Exception e) {
            LOG.error("the operator could not start: {}", e.getMessage(), e);
            System.exit(1);
        }
    }
}
