package dev.segue;

import dev.segue.config.Settings;
import dev.segue.shell.SegueOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator; ends when the process is told to. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Exit code 2: a setting cannot be read; 1: the operator could not start. */
    public static void main(String[] arguments) {
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
