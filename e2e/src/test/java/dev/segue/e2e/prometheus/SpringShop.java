package dev.segue.e2e.prometheus;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.springframework.web.filter.ServerHttpObservationFilter;

/**
 * A pod that is measured by Spring's filter in Tomcat, with the names and labels that it has by default, put together as Spring
 * Boot does. Which {@code uri} a request has its MVC would tell: here it is the path.
 */
final class SpringShop implements AutoCloseable {
    private static final String METRICS = "/actuator/prometheus";

    /** Kept, as a level is forgotten with its logger: Tomcat tells of each start and end. */
    private static final Logger TOMCAT = Logger.getLogger("org.apache");

    static {
        TOMCAT.setLevel(Level.SEVERE);
    }

    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Tomcat tomcat = new Tomcat();

    SpringShop(Path folder) throws LifecycleException {
        metrics.config().meterFilter(buckets("http.server.requests", Duration.ofSeconds(5)));
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(metrics));
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.setBaseDir(folder.toString());
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        FilterDef filter = new FilterDef();
        filter.setFilterName("observations");
        filter.setFilter(new ServerHttpObservationFilter(observations));
        context.addFilterDef(filter);
        FilterMap all = new FilterMap();
        all.setFilterName("observations");
        all.addURLPattern("/*");
        context.addFilterMap(all);
        Tomcat.addServlet(context, "shop", new Shop(metrics)).addMapping("/*");
        tomcat.start();
    }

    /** What Boot makes of the property management.metrics.distribution.slo.NAME. */
    private static MeterFilter buckets(String name, Duration bound) {
        return new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return id.getName().equals(name)
                        ? DistributionStatisticConfig.builder()
                                .serviceLevelObjectives((double) bound.toNanos())
                                .build()
                                .merge(config)
                        : config;
            }
        };
    }

    /** The application, and what tells the metrics: Spring measures both. */
    private static final class Shop extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient PrometheusMeterRegistry metrics;

        Shop(PrometheusMeterRegistry metrics) {
            this.metrics = metrics;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            ServerHttpObservationFilter.findObservationContext(request)
                    .orElseThrow()
                    .setPathPattern(request.getRequestURI());
            if (request.getRequestURI().equals(METRICS)) {
                response.setContentType("text/plain; version=0.0.4; charset=utf-8");
                response.getWriter().write(metrics.scrape());
                return;
            }
            String seconds = request.getParameter("seconds");
            if (seconds != null) {
                takes(Duration.ofSeconds(Long.parseLong(seconds)));
            }
            response.setStatus(Integer.parseInt(request.getParameter("status")));
        }

        /** How long the application takes is what is measured. */
        private static void takes(Duration time) {
            try {
                Thread.sleep(time);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    String address() {
        return "127.0.0.1:" + tomcat.getConnector().getLocalPort();
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }
}
