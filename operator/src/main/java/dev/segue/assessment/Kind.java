package dev.segue.assessment;

/** What is read in the assessment only. A right that is missing is no reason to refuse; it is told. */
public enum Kind {
    CONFIG_MAPS("", "configmaps", "get", "whether the ConfigMaps that the new version names exist"),
    SECRETS("", "secrets", "get", "whether the Secrets that the new version names exist"),
    CLAIMS("", "persistentvolumeclaims", "get", "whether two versions may share the volumes"),
    SERVICE_ACCOUNTS("", "serviceaccounts", "get", "whether the new version's ServiceAccount exists"),
    ROLE_BINDINGS(
            "rbac.authorization.k8s.io",
            "rolebindings",
            "list",
            "which roles the ServiceAccounts of both versions have in the namespace"),
    PODS("", "pods", "create", "whether admission accepts the new version's pods (a dry run would tell)"),
    QUOTAS("", "resourcequotas", "list", "whether both versions fit into the quotas"),
    LIMIT_RANGES("", "limitranges", "list", "whether the new version is within the LimitRanges"),
    AUTOSCALERS("autoscaling", "horizontalpodautoscalers", "list", "whether an autoscaler will move the Deployment"),
    BUDGETS("policy", "poddisruptionbudgets", "list", "whether a PodDisruptionBudget stops node drains"),
    POLICIES("networking.k8s.io", "networkpolicies", "list", "whether the same NetworkPolicies select both versions"),
    INGRESSES("networking.k8s.io", "ingresses", "list", "which Ingresses lead to the Services"),
    HTTP_ROUTES("gateway.networking.k8s.io", "httproutes", "list", "which HTTPRoutes lead to the Services"),
    GRPC_ROUTES("gateway.networking.k8s.io", "grpcroutes", "list", "which GRPCRoutes lead to the Services"),
    POD_MONITORS("monitoring.coreos.com", "podmonitors", "list", "whether a PodMonitor has the pods scraped"),
    SERVICE_MONITORS("monitoring.coreos.com", "servicemonitors", "list", "whether a ServiceMonitor has them scraped");

    private final String group;
    private final String resource;
    private final String verb;
    private final String unknown;

    Kind(String group, String resource, String verb, String unknown) {
        this.group = group;
        this.resource = resource;
        this.verb = verb;
        this.unknown = unknown;
    }

    public String group() {
        return group;
    }

    public String resource() {
        return resource;
    }

    /** The one that is missing. */
    public String verb() {
        return verb;
    }

    /** What nobody knows then. */
    String unknown() {
        return unknown;
    }
}
