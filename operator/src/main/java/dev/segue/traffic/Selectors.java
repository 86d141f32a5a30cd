package dev.segue.traffic;

import java.util.HashMap;
import java.util.Map;

/** A Service's selector, narrowed to the pods of one ReplicaSet ("pinned") and widened again. */
public final class Selectors {
    /** The one label by which the pods of two ReplicaSets of one Deployment differ. */
    public static final String HASH = "pod-template-hash";

    private Selectors() {}

    public static Map<String, String> pinned(Map<String, String> selector, String hash) {
        Map<String, String> narrowed = new HashMap<>(selector);
        narrowed.put(HASH, hash);
        return narrowed;
    }

    public static Map<String, String> unpinned(Map<String, String> selector) {
        Map<String, String> widened = new HashMap<>(selector);
        widened.remove(HASH);
        return widened;
    }

    /** Whether a selector picks pods with these labels. An empty selector picks none: such a Service has no pods. */
    public static boolean picks(Map<String, String> selector, Map<String, String> labels) {
        return !selector.isEmpty() && labels.entrySet().containsAll(selector.entrySet());
    }
}
