package dev.segue.e2e.fault;

import java.util.concurrent.atomic.AtomicBoolean;

/** Goes through a path in one lab, however many operators that takes: does once what is to be done at its cue. */
final class Script implements Disturbance {
    private final Path path;
    private final Lab lab;
    private final Metric metric;
    private final Journal journal;
    private final AtomicBoolean done = new AtomicBoolean();

    Script(Path path, Lab lab, Metric metric) {
        this.path = path;
        this.lab = lab;
        this.journal = new Journal(path.fleeting(), lab.copy().namespace());
        this.metric = metric;
    }

    /** What all its operators have written. */
    Journal journal() {
        return journal;
    }

    @Override
    public Fault on(ApiRequest request) {
        if (request.method().equals("DELETE")
                && request.path().endsWith("/namespaces/" + lab.copy().namespace())) {
            lab.copy().retire();
        }
        return Fault.NONE;
    }

    @Override
    public void accepted(ApiRequest request) {
        journal.accepted(request);
        if (journal.begins(request)) {
            lab.copy().watch();
        }
        Path.Cue cue = path.cue();
        if (cue != null && cue.text().equals(request.text()) && done.compareAndSet(false, true)) {
            switch (cue.deed()) {
                case ABORT -> lab.abort(Lab.MIGRATION);
                case DELETE -> lab.delete(Lab.MIGRATION);
                case RUN -> lab.run(Lab.MIGRATION);
                case FAIL_METRIC -> metric.fail(lab.namespace());
            }
        }
    }
}
