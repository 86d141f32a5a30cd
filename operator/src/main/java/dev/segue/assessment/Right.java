package dev.segue.assessment;

import java.util.List;

/** What the operator must be allowed to do in the namespace, or a migration would stop in the middle. */
public record Right(String group, String resource, String verb) {
    /** Those that the moves need. What only the assessment reads is a {@link Kind}. */
    public static final List<Right> NEEDED = List.of(
            new Right("segue.dev", "migrations", "patch"),
            new Right("apps", "deployments", "patch"),
            new Right("apps", "replicasets", "create"),
            new Right("apps", "replicasets", "patch"),
            new Right("apps", "replicasets", "delete"),
            new Right("", "services", "create"),
            new Right("", "services", "patch"),
            new Right("", "services", "delete"));
}
