package dev.segue.engine;

/**
 * What the probe in the copy of production has found.
 *
 * @param answer Enforced, NotEnforced or Unknown
 * @param message in a sentence
 */
record Isolation(String answer, String message) {
    /** From the probe's last word: what became of its tries to reach production, and the cluster's name server. */
    static Isolation read(String word) {
        return switch (word.strip()) {
            case "production blocked, names reached" ->
                new Isolation(
                        "Enforced",
                        "the network keeps staging apart: production's Service was not reached from there, the cluster's name server was");
            case "production reached, names reached" ->
                new Isolation(
                        "NotEnforced",
                        "the network does not keep staging apart: production's Service was reached from there. NetworkPolicies are in place, but the cluster's network plugin does not enforce them");
            default -> unknown("the probe says: " + word);
        };
    }

    static Isolation unknown(String why) {
        return new Isolation("Unknown", "it is not known whether the network keeps staging apart: " + why);
    }
}
