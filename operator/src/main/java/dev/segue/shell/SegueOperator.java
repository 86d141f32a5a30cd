package dev.segue.shell;

import dev.segue.config.Settings;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts together, starts and stops them. */
public final class SegueOperator implements AutoCloseable {
    /** What its log says, with the version before and the namespaces after it, once the caches are filled. */
    public static final String STARTED = "started; working in";

    private static final Logger LOG = LoggerFactory.getLogger(SegueOperator.class);

    /** Pages keep the first list a consistent read (no old state after a restart) and its answer small. */
    private static final long LIST_PAGE = 250;

    /** Under the pod's terminationGracePeriodSeconds. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

    private static final Duration SWEEP_EVERY = Duration.ofMinutes(5);

    private final Operator operator;
    private final KubernetesClient client;
    private final Settings settings;
    private final Web web;
    private final StageSweeper sweeper;
    private final InstantSource clock = new SteadyClock();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicBoolean leading = new AtomicBoolean();

    /**
     * Starts; answers once the caches are filled. The API server is the one that the environment names.
     *
     * @throws IOException when the port for health and metrics is taken
     */
    public SegueOperator(Settings settings) throws IOException {
        this(settings, Config.autoConfigure(null));
    }

    /** The same with the API server of this configuration, which is this operator's from now on. */
    public SegueOperator(Settings settings, Config config) throws IOException {
        this.settings = settings;
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        config.setOnlyHttpWatches(true);
        config.setRequestRetryBackoffLimit(
                0); // what failed is decided anew, not repeated; and a lost lease is soon seen
        config.setUserAgent(Facts.MANAGER + "/operator"); // what the API server notes in the managed fields of a create
        Answers answers = new Answers(Duration.ofMillis(config.getRequestTimeout()), clock);
        client = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientBuilderConsumer(
                        builder -> builder.addOrReplaceInterceptor("segue-requests", new Requests(registry))
                                .addOrReplaceInterceptor("segue-answers", answers)
                                .addOrReplaceInterceptor("segue-watches", new PlainWatches()))
                .build();
        operator = new Operator(overrider -> configure(overrider, registry));
        web = new Web(settings.port(), registry, this::ready);
        Changes changes = new Changes(client);
        Prometheus prometheus = new Prometheus(Prometheus.ANSWER, new Credentials(client, clock), clock);
        StageSource production = new StageSource(client, settings.clusterDomain());
        StageContents contents = new StageContents(client);
        MigrationReconciler reconciler = new MigrationReconciler(
                client,
                new Observer(
                        client,
                        changes,
                        prometheus,
                        new StageReader(
                                client,
                                production,
                                contents,
                                prometheus,
                                !settings.image().isEmpty(),
                                settings.watchNamespaces()),
                        clock),
                new Actor(client, changes, new StageActor(client, changes, production, contents, settings.image())),
                answers,
                new Events(client, settings.instance()),
                new Metrics(registry),
                new Gauges(registry));
        operator.register(reconciler, this::configure);
        operator.start();
        sweeper = new StageSweeper(client, contents, this::works, SWEEP_EVERY);
        LOG.info(
                "version {} " + STARTED + " {}",
                Metrics.VERSION,
                settings.watchNamespaces().isEmpty() ? "all namespaces" : settings.watchNamespaces());
    }

    private void configure(ConfigurationServiceOverrider overrider, PrometheusMeterRegistry registry) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withUseSSAToPatchPrimaryResource(false)
                .withConcurrentReconciliationThreads(settings.maxConcurrent())
                .withReconciliationTerminationTimeout(STOP_WITHIN)
                .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(registry));
        if (settings.leaderElection()) {
            overrider.withLeaderElectionConfiguration(
                    LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.lease())
                            .withLeaseNamespace(settings.namespace())
                            .withIdentity(settings.instance())
                            .withExitOnStopLeading(false)
                            .withLeaderCallbacks(new LeaderCallbacks(
                                    this::lead, this::lostLease, leader -> LOG.info("the leader is {}", leader)))
                            .build());
        }
    }

    private void configure(ControllerConfigurationOverrider<PartialMigration> overrider) {
        overrider
                .withInformerListLimit(LIST_PAGE)
                .withOnAddFilter(migration -> !migration.settled(clock.instant())) // after a start thousands may be
                .withOnUpdateFilter(PartialMigration::differs)
                .withRetry(new GenericRetry()
                        .setInitialInterval(1_000)
                        .setIntervalMultiplier(1.5)
                        .setMaxInterval(10_000)
                        .withoutMaxAttempts());
        if (!settings.watchNamespaces().isEmpty()) {
            overrider.settingNamespaces(settings.watchNamespaces());
        }
    }

    private void lead() {
        leading.set(true);
        LOG.info("leading");
    }

    /** Another replica works now. What is under way here is stopped at once: only locks in the API server protect it. */
    private void lostLease() {
        if (!stopping.get()) {
            LOG.error("lost the lease; stopping so that the new leader works alone");
            Runtime.getRuntime().halt(1);
        }
    }

    /** So that the next leader, after an upgrade say, need not wait until the lease has run out. */
    private void releaseLease() {
        try {
            Lease lease = client.leases()
                    .inNamespace(settings.namespace())
                    .withName(settings.lease())
                    .get();
            if (lease != null && settings.instance().equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity("");
                client.resource(lease).lockResourceVersion().update();
            }
        } catch (KubernetesClientException e) {
            LOG.warn("the lease could not be released, the next leader waits until it has run out: {}", e.getMessage());
        }
    }

    /** Of several replicas the leader works; one alone always. */
    private boolean works() {
        return !settings.leaderElection() || leading.get();
    }

    private boolean ready() {
        return operator.getRuntimeInfo().isStarted();
    }

    @Override
    public void close() {
        if (stopping.compareAndSet(false, true)) {
            LOG.info("stopping");
            sweeper.close();
            operator.stop();
            if (settings.leaderElection()) {
                releaseLease();
            }
            web.close();
            client.close();
        }
    }
}
