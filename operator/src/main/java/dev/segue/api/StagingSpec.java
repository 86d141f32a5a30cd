package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rehearsal in an isolated copy of production. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StagingSpec(
        @JsonPropertyDescription("A namespace that an administrator made for this and labelled"
                + " segue.dev/staging-for=NAMESPACE (the Migration's). Default: Segue makes NAMESPACE-stg-MIGRATION and"
                + " removes it.")
        @Size(min = 1, max = 63)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        @Nullable
        String namespace,

        @JsonPropertyDescription("How many pods of the new version run there.") @Default("1") @Min(1) @Max(20) @Nullable
        Integer replicas,

        @JsonPropertyDescription("Which Secrets of production may be there. One that the new version needs and that is"
                + " neither listed nor mapped is a Block.")
        @Nullable
        Secrets secrets,

        @JsonPropertyDescription("What of the rest of production can be reached from there. Default: nothing.")
        @Size(max = 20)
        @Nullable
        List<Dependency> dependencies,

        @JsonPropertyDescription(
                "Which volume claims of production are there with production's data, as it was when the"
                        + " rehearsal began: each by a VolumeSnapshot of a CSI volume. All others are new and empty. Needs the"
                        + " chart's staging.snapshots.")
        @Size(max = 20)
        @Nullable
        List<Snapshot> snapshots,

        @JsonPropertyDescription("Jobs that have to succeed there before the new version starts, one after the other,"
                + " for example to fill a volume claim that is empty there.")
        @Size(max = 10)
        @Nullable
        List<Test> seeds,

        @JsonPropertyDescription("Jobs that have to succeed there, one after the other, once the new version is ready.")
        @Size(max = 20)
        @Nullable
        List<Test> tests,

        @JsonPropertyDescription(
                "Also rehearse the moves: the old version is started there, and under a load that Segue"
                        + " makes the traffic is moved to the new version and back. One request that fails, fails the"
                        + " rehearsal.")
        @Default("false")
        @Nullable
        Boolean rehearse,

        @JsonPropertyDescription("What is asked for meanwhile, of the first Service that selects the pods.") @Nullable
        Load load,

        @JsonPropertyDescription("Fail when the network of the cluster does not keep staging apart from production, or"
                + " that is not known: nothing of the copy is started then. Default: say so.")
        @Default("false")
        @Nullable
        Boolean requireIsolation,

        @JsonPropertyDescription("What to do when production was changed after the rehearsal: Rerun it, or Wait for a"
                + " human (the command promote takes the verdict as it is).")
        @Default("Rerun")
        @Nullable
        OnDrift onDrift,

        @JsonPropertyDescription("How long the verdict holds.")
        @Default("24h")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String maxAge,

        @JsonPropertyDescription("When the staging namespace is kept after the verdict, for ttl.")
        @Default("OnFailure")
        @Nullable
        Keep keep,

        @JsonPropertyDescription("How long a namespace that is kept stays.")
        @Default("2h")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String ttl) {

    /** Of objects whose names may have dots. */
    private static final String OBJECT_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** What follows when production was changed after the rehearsal. */
    public enum OnDrift {
        Rerun,
        Wait
    }

    /** When the staging namespace stays for a while. */
    public enum Keep {
        OnFailure,
        Always,
        Never
    }

    /** Which Secrets are copied. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Secrets(
            @JsonPropertyDescription("Copied as they are: only what is no credential of production, such as a CA.")
            @Size(max = 50)
            @Nullable
            List<@Size(min = 1, max = 253) String> names,

            @JsonPropertyDescription("Production's Secret to the Secret, of the same namespace, whose content it has in"
                    + " staging: {db-prod: db-staging}.")
            @Size(max = 50)
            @Nullable
            Map<String, @Size(min = 1, max = 253) String> map) {

        public List<String> namesOrEmpty() {
            return names == null ? List.of() : names;
        }

        public Map<String, String> mapOrEmpty() {
            return map == null ? Map.of() : map;
        }
    }

    /** A volume claim that has production's data in staging. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Snapshot(
            @JsonPropertyDescription(
                    "Name of a PersistentVolumeClaim of the Migration's namespace that a pod of the copy" + " mounts.")
            @Required
            @Size(min = 1, max = 253)
            @Pattern(OBJECT_NAME)
            String claim,

            @JsonPropertyDescription(
                    "Name of the VolumeSnapshotClass. Default: that of the claim's driver that the cluster"
                            + " takes by default.")
            @JsonProperty("class")
            @Size(min = 1, max = 253)
            @Pattern(OBJECT_NAME)
            @Nullable
            String snapshotClass) {}

    /** How a Service that the new version calls is there in staging. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "(self.mode == 'Stub') == has(self.image)",
            message = "mode Stub needs image, the program that answers in its place; other modes take none")
    public record Dependency(
            @JsonPropertyDescription("Name of a Service in the Migration's namespace.")
            @Required
            @Size(min = 1, max = 63)
            @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
            String name,

            @JsonPropertyDescription("Production lets staging call the real one (for what only reads), Stub runs image"
                    + " in its place, Copy runs a copy of the Deployment behind it.")
            @Required
            Mode mode,

            @JsonPropertyDescription(
                    "Image of the stub. It has to listen on the Service's target ports; for one that is a"
                            + " name, on the number that the Deployment behind the Service gives it, or else on the Service's port.")
            @Size(min = 1, max = 1024)
            @Nullable
            String image) {

        /** Who answers. */
        public enum Mode {
            Production,
            Stub,
            Copy
        }
    }

    /** One Job. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "!self.name.startsWith('segue-')",
            message = "names that begin with segue- are Segue's own Jobs")
    @ValidationRule(
            value = "has(self.image) != has(self.jobTemplate)",
            message = "a test needs exactly one of image and jobTemplate")
    @ValidationRule(
            value = "!has(self.jobTemplate) || !(has(self.command) || has(self.args))",
            message = "command and args go with image; a jobTemplate has its own")
    public record Test(
            @JsonPropertyDescription("Name in status, events and the report.")
            @Required
            @Size(min = 1, max = 30)
            @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
            String name,

            @JsonPropertyDescription("Image that tests, and exits with 0 when all is well. It finds TARGET_URL,"
                    + " MIGRATION, COMPONENT and STAGE in its environment, and may write a JSON object to its"
                    + " termination message.")
            @Size(min = 1, max = 1024)
            @Nullable
            String image,

            @JsonPropertyDescription("Its entry point; default: the image's.") @Size(max = 50) @Nullable
            List<@Size(max = 4096) String> command,

            @JsonPropertyDescription("Its arguments; default: the image's.") @Size(max = 50) @Nullable
            List<@Size(max = 4096) String> args,

            @JsonPropertyDescription("Its environment, beside TARGET_URL, MIGRATION, COMPONENT and STAGE.")
            @Size(max = 50)
            @Nullable
            Map<String, @Size(max = 4096) String> env,

            @JsonPropertyDescription("The manifest of a Job in a ConfigMap of the Migration's namespace.") @Nullable
            JobTemplate jobTemplate,

            @JsonPropertyDescription("How long one try may take.")
            @Default("10m")
            @Pattern(Durations.PATTERN)
            @Size(max = 20)
            @Nullable
            String timeout,

            @JsonPropertyDescription("How often it is tried again after a failure.")
            @Default("0")
            @Min(0)
            @Max(5)
            @Nullable
            Integer retries,

            @JsonPropertyDescription("Limits for metrics of the new version's pods there, looked at when the Job has"
                    + " succeeded. They need analysis.prometheus.")
            @Size(max = 10)
            @Nullable
            List<Limit> thresholds) {

        public Duration timeoutOrDefault() {
            return Durations.parse(timeout == null ? "10m" : timeout);
        }

        public int retriesOrDefault() {
            return Objects.requireNonNullElse(retries, 0);
        }

        public List<Limit> thresholdsOrEmpty() {
            return thresholds == null ? List.of() : thresholds;
        }
    }

    /** Where a Job's template stands. */
    public record JobTemplate(
            @JsonPropertyDescription("Name of the ConfigMap.") @Required @Size(min = 1, max = 253)
            String configMap,

            @JsonPropertyDescription("Key of the ConfigMap, for example functional.yaml.")
            @Required
            @Size(min = 1, max = 253)
            String key) {}

    /** A limit for a query. */
    public record Limit(
            @JsonPropertyDescription("Name in status and the report.")
            @Required
            @Size(min = 1, max = 63)
            @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
            String name,

            @JsonPropertyDescription("A PromQL query that gives one number. $namespace (staging's), $pods (those of the"
                    + " new version there) and $range (how long the Job ran, for example 63s) are replaced.")
            @Required
            @Size(min = 1, max = 4096)
            String query,

            @JsonPropertyDescription("The test fails when the query gives more than this, or nothing.") @Required
            double max) {}

    /** The requests of the rehearsal of the moves: HTTP, GET, each on a connection of its own. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Load(
            @JsonPropertyDescription("Path with or without a query; every answer below 500 is a good one.")
            @Default("/")
            @Size(min = 1, max = 1024)
            @Pattern("^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$")
            @Nullable
            String path,

            @JsonPropertyDescription("Requests per second.") @Default("20") @Min(1) @Max(200) @Nullable
            Integer rate) {

        static final Load DEFAULT = new Load(null, null);

        public String pathOrDefault() {
            return path == null ? "/" : path;
        }

        public int rateOrDefault() {
            return Objects.requireNonNullElse(rate, 20);
        }
    }

    public int replicasOrDefault() {
        return Objects.requireNonNullElse(replicas, 1);
    }

    public boolean rehearsesMoves() {
        return Boolean.TRUE.equals(rehearse);
    }

    /** How many pods of the old version run there in the rehearsal of the moves: with one there is nothing to share. */
    public int sourceReplicas() {
        return Math.max(2, replicasOrDefault());
    }

    public Load loadOrDefault() {
        return Objects.requireNonNullElse(load, Load.DEFAULT);
    }

    public Secrets secretsOrNone() {
        return Objects.requireNonNullElse(secrets, new Secrets(null, null));
    }

    public List<Dependency> dependenciesOrEmpty() {
        return dependencies == null ? List.of() : dependencies;
    }

    public List<Snapshot> snapshotsOrEmpty() {
        return snapshots == null ? List.of() : snapshots;
    }

    /** Whether this claim has production's data there. */
    public boolean snapshotted(String claim) {
        return snapshotsOrEmpty().stream().anyMatch(s -> s.claim().equals(claim));
    }

    public List<Test> seedsOrEmpty() {
        return seeds == null ? List.of() : seeds;
    }

    /** Seeds and tests, in the order in which they run. */
    public List<Test> jobs() {
        return Stream.concat(seedsOrEmpty().stream(), testsOrEmpty().stream()).toList();
    }

    public List<Test> testsOrEmpty() {
        return tests == null ? List.of() : tests;
    }

    public boolean requiresIsolation() {
        return Boolean.TRUE.equals(requireIsolation);
    }

    public OnDrift onDriftOrDefault() {
        return Objects.requireNonNullElse(onDrift, OnDrift.Rerun);
    }

    public Duration maxAgeOrDefault() {
        return Durations.parse(maxAge == null ? "24h" : maxAge);
    }

    public Keep keepOrDefault() {
        return Objects.requireNonNullElse(keep, Keep.OnFailure);
    }

    public Duration ttlOrDefault() {
        return Durations.parse(ttl == null ? "2h" : ttl);
    }
}
