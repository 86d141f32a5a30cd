package dev.segue.analysis;

/** Fills the variables of a user's PromQL query. */
public final class QueryTemplate {
    private QueryTemplate() {}

    /**
     * A regular expression that matches the names of a ReplicaSet's pods and of no other's. Without a backslash, which
     * PromQL reads in one way between double quotes and in another between backquotes.
     */
    public static String podsOf(String replicaSet) {
        return replicaSet.replace(".", "[.]") + "-[a-z0-9]+";
    }

    /** The query with {@code $namespace} and {@code $pods} replaced. */
    public static String fill(String query, String namespace, String replicaSet) {
        return query.replace("$namespace", namespace).replace("$pods", podsOf(replicaSet));
    }
}
