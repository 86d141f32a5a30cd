package dev.segue.analysis;

/** Fills the variables of a user's PromQL query. */
public final class QueryTemplate {
    /** The API server cuts what it makes a name from to this many characters, and adds five (k8s.io/apiserver names). */
    private static final int MAX_GENERATED = 58;

    private QueryTemplate() {}

    /**
     * A regular expression that matches the names of a ReplicaSet's pods. It matches no other's unless the ReplicaSet's
     * name is longer than 57 characters: then its pods' names are cut, and those of the same Deployment's other
     * ReplicaSets may begin alike. Without a backslash, which PromQL reads in one way between double quotes and in
     * another between backquotes.
     */
    public static String podsOf(String replicaSet) {
        String base = replicaSet + "-";
        return base.substring(0, Math.min(base.length(), MAX_GENERATED)).replace(".", "[.]") + "[a-z0-9]{5}";
    }

    /** The query with {@code $namespace} and {@code $pods} replaced. */
    public static String fill(String query, String namespace, String replicaSet) {
        return of(query, namespace, podsOf(replicaSet));
    }

    /** The same with a regular expression for the pods. */
    public static String of(String query, String namespace, String pods) {
        return query.replace("$namespace", namespace).replace("$pods", pods);
    }
}
