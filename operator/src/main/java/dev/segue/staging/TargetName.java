package dev.segue.staging;

/** Names that follow from the Migration and its run alone, so that a repeated creation finds what the first one made. */
public final class TargetName {
    /** As in Kubernetes' own generated names: no vowels and no look-alikes. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    /**
     * A pod is named after its ReplicaSet: the first 58 characters of its name and "-", then five more. What is longer is
     * cut, and with it the hash that tells our pods by their names.
     */
    private static final int MAX_NAME = 57;

    private static final String HOLD = "-segue-hold";

    private static final String REPORT = "-report";

    private TargetName() {}

    /**
     * The value of the target's pod-template-hash; begins with a letter that no hash of a Deployment's has.
     *
     * @param run of the Migration, from 1; each has a target of its own
     */
    public static String hash(String migrationUid, int run) {
        String seed = run == 1 ? migrationUid : migrationUid + "/" + run;
        return "m" + encode(Digest.sha256("target/" + seed), 9);
    }

    /** So many characters that follow from the text, for two long names that begin alike. */
    static String digest(String text, int length) {
        return encode(Digest.sha256(text), length);
    }

    private static String encode(byte[] digest, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(Math.floorMod(digest[i], ALPHABET.length())));
        }
        return text.toString();
    }

    public static String replicaSet(String deployment, String hash) {
        return beginning(deployment, MAX_NAME - hash.length() - 1) + "-" + hash;
    }

    /**
     * The helper that keeps a Service's endpoints known while they drain. The same for every Migration: whose it is has
     * the Service in hand.
     */
    public static String hold(String service) {
        return suffixed(service, HOLD, 63);
    }

    /** The ConfigMap that tells of a Migration. */
    public static String report(String migration) {
        return suffixed(migration, REPORT, 253);
    }

    private static String suffixed(String name, String suffix, int max) {
        int room = max - suffix.length();
        if (name.length() <= room) {
            return name + suffix;
        }
        String digest = digest("hold/" + name, 5);
        return beginning(name, room - digest.length() - 1) + "-" + digest + suffix;
    }

    /** As much of a name as there is room for, so that "-" or "." and more can follow. */
    public static String beginning(String name, int room) {
        return name.length() <= room ? name : name.substring(0, room).replaceFirst("[-.]+$", "");
    }
}
