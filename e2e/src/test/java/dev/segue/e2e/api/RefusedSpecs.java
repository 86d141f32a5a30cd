package dev.segue.e2e.api;

import java.util.stream.Stream;

/** Specs that the API server must not take, each with a part of what it has to say. */
record RefusedSpecs(String name, String spec, String complaint) {

    private static RefusedSpecs of(String name, String spec, String complaint) {
        return new RefusedSpecs(name, spec, complaint);
    }

    /** A spec that is right but for what is added at its top level. */
    private static RefusedSpecs with(String name, String addition, String complaint) {
        return of(name, "components: [{deployment: shop, images: {shop: 'shop:2'}}]\n" + addition, complaint);
    }

    /** A spec that is right but for its one component. */
    private static RefusedSpecs component(String name, String component, String complaint) {
        return of(name, "components: [{%s}]".formatted(component), complaint);
    }

    private static RefusedSpecs steps(String name, String steps, String complaint) {
        return with(name, "steps: [%s]".formatted(steps), complaint);
    }

    private static RefusedSpecs metric(String name, String metric, String complaint) {
        return with(name, "analysis: {prometheus: {url: 'http://p:9090'}, metrics: [%s]}".formatted(metric), complaint);
    }

    @Override
    public String toString() {
        return name;
    }

    static Stream<RefusedSpecs> all() {
        return Stream.of(
                        components(),
                        changes(),
                        shares(),
                        durations(),
                        metrics(),
                        comparisons(),
                        prometheus(),
                        Stream.of(
                                with("unknown field", "step: []", "unknown field \"spec.step\""),
                                with("paused is a word", "paused: later", "must be of type boolean"),
                                with(
                                        "unknown onFailure",
                                        "onFailure: Ignore",
                                        "supported values: \"Hold\", \"Revert\""),
                                with(
                                        "unknown handover.via",
                                        "handover: {via: Magic}",
                                        "supported values: \"Adopt\", \"Auto\", \"Settle\""),
                                with("unknown handover.mode", "handover: {mode: Await}", "supported values: \"Patch\""),
                                with(
                                        "unknown onTimeout",
                                        "verify: {drain: {onTimeout: Ignore}}",
                                        "supported values: \"Hold\", \"Proceed\"")))
                .flatMap(cases -> cases);
    }

    private static Stream<RefusedSpecs> components() {
        return Stream.of(
                of("no components", "paused: true", "spec.components: Required value"),
                of("empty components", "components: []", "should have at least 1 items"),
                of(
                        "two components",
                        "components: [{deployment: a, images: {a: 'a:2'}}, {deployment: b, images: {b: 'b:2'}}]",
                        "must have at most 1 item"),
                component("no deployment", "images: {shop: 'shop:2'}", "spec.components[0].deployment: Required value"),
                component(
                        "deployment is no name",
                        "deployment: My_Shop, images: {shop: 'shop:2'}",
                        "spec.components[0].deployment"),
                component(
                        "deployment too long",
                        "deployment: %s, images: {shop: 'shop:2'}".formatted("a".repeat(254)),
                        "Too long"),
                component(
                        "a Service twice",
                        "deployment: shop, images: {shop: 'shop:2'}, services: [shop, shop]",
                        "spec.components[0].services[1]: Duplicate value"),
                component(
                        "service is no name",
                        "deployment: shop, images: {shop: 'shop:2'}, services: [shop.prod]",
                        "spec.components[0].services[0]"));
    }

    private static Stream<RefusedSpecs> changes() {
        return Stream.of(
                component("nothing to change", "deployment: shop", "a component needs a change"),
                component("no images in images", "deployment: shop, images: {}", "a component needs a change"),
                component("empty image", "deployment: shop, images: {shop: ''}", "spec.components[0].images.shop"),
                component(
                        "image with a blank",
                        "deployment: shop, images: {shop: 'shop: 2'}",
                        "spec.components[0].images.shop"),
                component("patch is text", "deployment: shop, patch: 'replicas: 3'", "must be of type object"),
                component(
                        "patch begins at the Deployment's spec",
                        "deployment: shop, patch: {spec: {template: {spec: {}}}}",
                        "patch is merged into the Deployment's spec.template"),
                component(
                        "patch begins at the containers",
                        "deployment: shop, patch: {containers: [{name: shop}]}",
                        "begin it with spec (of the pods) or metadata (of the pods)"));
    }

    private static Stream<RefusedSpecs> shares() {
        return Stream.of(
                steps("no steps in steps", "", "should have at least 1 items"),
                steps("weight missing", "{hold: 5m}", "spec.steps[0].weight: Required value"),
                steps("weight 0", "{weight: 0}, {weight: 100}", "greater than or equal to 1"),
                steps("weight 101", "{weight: 101}", "less than or equal to 100"),
                steps("weight 60", "{weight: 60}, {weight: 100}", "weight must be 1 to 50, or 100"),
                steps("weight is text", "{weight: 25%}, {weight: 100}", "must be of type integer"),
                steps("the last is not 100", "{weight: 25}, {weight: 50}", "steps must end with weight 100"),
                steps("falling", "{weight: 50}, {weight: 25}, {weight: 100}", "steps must grow"),
                steps("the same twice", "{weight: 25}, {weight: 25}, {weight: 100}", "steps must grow"),
                steps("too many", "{weight: 1}, ".repeat(20) + "{weight: 100}", "must have at most 20 items"));
    }

    private static Stream<RefusedSpecs> durations() {
        return Stream.of(
                steps("hold in words", "{weight: 100, hold: 5 minutes}", "spec.steps[0].hold"),
                steps("negative hold", "{weight: 100, hold: '-5m'}", "spec.steps[0].hold"),
                steps("hold without unit", "{weight: 100, hold: '300'}", "spec.steps[0].hold"),
                steps("hold of days", "{weight: 100, hold: 1d}", "spec.steps[0].hold"),
                steps("hold of 31 days", "{weight: 100, hold: 744h}", "must be 720h (30 days) or shorter"),
                steps("hold of too many digits", "{weight: 100, hold: 9999999h}", "spec.steps[0].hold"),
                steps("hold of centuries", "{weight: 100, hold: 999999h999999h}", "must be 720h (30 days) or shorter"),
                with("total of 31 days", "deadline: {total: 744h}", "spec.deadline.total"),
                with("prepare in words", "deadline: {prepare: soon}", "spec.deadline.prepare"),
                with("propagation of 31 days", "verify: {propagation: 744h}", "spec.verify.propagation"),
                with("quietFor in words", "verify: {drain: {quietFor: long}}", "spec.verify.drain.quietFor"),
                with("wait of 31 days", "verify: {drain: {wait: 744h}}", "spec.verify.drain.wait"),
                with("timeout of 31 days", "verify: {drain: {timeout: 744h}}", "spec.verify.drain.timeout"),
                with("interval of half a second", "analysis: {interval: 500ms}", "interval must be 1s or longer"));
    }

    private static Stream<RefusedSpecs> metrics() {
        return Stream.of(
                with(
                        "metrics without Prometheus",
                        "analysis: {metrics: [{name: errors, query: up, threshold: {max: 1}}]}",
                        "analysis.metrics need analysis.prometheus.url"),
                with(
                        "drain by query without Prometheus",
                        "verify: {drain: {query: up}}",
                        "verify.drain.query needs analysis.prometheus.url"),
                with(
                        "Prometheus without URL",
                        "analysis: {prometheus: {}}",
                        "spec.analysis.prometheus.url: Required value"),
                with(
                        "Prometheus by host alone",
                        "analysis: {prometheus: {url: 'prometheus:9090'}}",
                        "spec.analysis.prometheus.url"),
                metric(
                        "two metrics of one name",
                        "{name: a, query: up, threshold: {max: 1}}, {name: a, query: down, threshold: {max: 1}}",
                        "spec.analysis.metrics[1]: Duplicate value"),
                metric(
                        "metric without query",
                        "{name: a, threshold: {max: 1}}",
                        "exactly one of preset, counts and query"),
                metric("empty query", "{name: a, query: '', threshold: {max: 1}}", "metrics[0].query"),
                metric("metric without threshold", "{name: a, query: up}", "query and threshold go together"),
                metric("threshold without max", "{name: a, query: up, threshold: {}}", "threshold.max: Required value"),
                metric(
                        "metric's name is no label",
                        "{name: Error Ratio, query: up, threshold: {max: 1}}",
                        "metrics[0].name"),
                metric(
                        "more failures than evaluations",
                        "{name: a, query: up, threshold: {max: 1, failures: 6}}",
                        "failures must not exceed window"),
                metric(
                        "window of 21",
                        "{name: a, query: up, threshold: {max: 1, window: 21}}",
                        "less than or equal to 20"),
                metric(
                        "no failures needed",
                        "{name: a, query: up, threshold: {max: 1, failures: 0}}",
                        "greater than or equal to 1"));
    }

    private static RefusedSpecs analysis(String name, String analysis, String complaint) {
        return with(name, "analysis: {prometheus: {url: 'http://p:9090'}, %s}".formatted(analysis), complaint);
    }

    private static Stream<RefusedSpecs> comparisons() {
        return Stream.of(
                metric(
                        "preset and query",
                        "{name: a, preset: http-server/error-ratio, query: up, threshold: {max: 1}}",
                        "exactly one of preset, counts and query"),
                metric("unknown preset", "{name: a, preset: apache/error-ratio}", "metrics[0].preset"),
                metric(
                        "latency without a bound",
                        "{name: a, preset: istio/latency}",
                        "slowerThan and a preset .../latency"),
                metric(
                        "a bound without latency",
                        "{name: a, preset: istio/error-ratio, slowerThan: 1s}",
                        "slowerThan and a preset .../latency"),
                metric(
                        "preset with a threshold",
                        "{name: a, preset: istio/error-ratio, threshold: {max: 1}}",
                        "query and threshold go together"),
                metric(
                        "query with an objective",
                        "{name: a, query: up, threshold: {max: 1}, objective: {max: 1%}}",
                        "query takes threshold"),
                metric(
                        "compare and objective",
                        "{name: a, preset: istio/error-ratio, compare: {}, objective: {max: 1%}}",
                        "a metric takes compare or objective"),
                metric(
                        "counts without pods",
                        "{name: a, counts: {total: requests_total, bad: 'errors_total{pod=~\"$pods\"}'}}",
                        "metrics[0].counts.total"),
                metric(
                        "nothing is tolerated",
                        "{name: a, preset: istio/error-ratio, compare: {tolerance: {absolute: 0%}}}",
                        "tolerance.absolute must be between"),
                metric(
                        "nothing is tolerated, in more digits",
                        "{name: a, preset: istio/error-ratio, compare: {tolerance: {absolute: '0.00'}}}",
                        "tolerance.absolute must be between"),
                metric(
                        "objective of nothing",
                        "{name: a, preset: istio/error-ratio, objective: {max: 0.0%}}",
                        "objective.max must be between"),
                analysis(
                        "a promotion that is always false",
                        "risk: {falsePromote: '1.0'}",
                        "risk.falsePromote must be between"),
                analysis("more than all intervals", "minCoverage: 150%", "minCoverage must not exceed 100%"),
                steps(
                        "gate without a metric",
                        "{weight: 100, gate: NonInferior}",
                        "gate NonInferior needs a required metric"),
                with(
                        "gate with no metric that it waits for",
                        "steps: [{weight: 100, gate: NonInferior}]\nanalysis: {prometheus: {url: 'http://p:9090'}, metrics:"
                                + " [{name: a, preset: istio/error-ratio, required: false},"
                                + " {name: b, query: up, threshold: {max: 1}}]}",
                        "gate NonInferior needs a required metric"),
                metric(
                        "tolerance in words",
                        "{name: a, preset: istio/error-ratio, compare: {tolerance: {relative: ten}}}",
                        "tolerance.relative"),
                metric(
                        "objective of everything",
                        "{name: a, preset: istio/error-ratio, objective: {max: 100%}}",
                        "objective.max must be between"),
                metric("weight of 0", "{name: a, preset: istio/error-ratio, weight: 0}", "greater than or equal to 1"),
                analysis(
                        "a verdict that is always false",
                        "risk: {falseRevert: 100%}",
                        "risk.falseRevert must be between"),
                analysis("dispersion below 1", "dispersion: {value: 0.5}", "greater than or equal to 1"),
                analysis(
                        "unknown onInconclusive",
                        "onInconclusive: Wait",
                        "supported values: \"Pause\", \"Promote\", \"Revert\""),
                analysis("coverage in words", "minCoverage: most", "spec.analysis.minCoverage"),
                steps(
                        "unknown gate",
                        "{weight: 100, gate: Superior}",
                        "supported values: \"NoHarm\", \"NonInferior\""));
    }

    private static RefusedSpecs source(String name, String source, String complaint) {
        return with(name, "analysis: {prometheus: {%s}}".formatted(source), complaint);
    }

    private static Stream<RefusedSpecs> prometheus() {
        return Stream.of(
                source(
                        "password in the URL",
                        "url: 'http://me:secret@p:9090'",
                        "prometheus.url must hold no user, password, ? or #"),
                source("query in the URL", "url: 'http://p:9090/?a=b'", "prometheus.url must hold no user, password"),
                source("timeout of a minute and more", "url: 'http://p', timeout: 61s", "timeout must be 1s to 60s"),
                source("timeout of half a second", "url: 'http://p', timeout: 500ms", "timeout must be 1s to 60s"),
                source(
                        "two ways to log in",
                        "url: 'http://p', auth: {bearer: {secret: a}, basic: {secret: b}}",
                        "exactly one of bearer and basic"),
                source("no way to log in", "url: 'http://p', auth: {}", "exactly one of bearer and basic"),
                source(
                        "bearer without Secret",
                        "url: 'http://p', auth: {bearer: {key: token}}",
                        "auth.bearer.secret: Required value"),
                source(
                        "TLS over http",
                        "url: 'http://p', tls: {ca: {secret: a}}",
                        "prometheus.tls needs a prometheus.url that begins with https://"),
                source(
                        "an authority that is not asked",
                        "url: 'https://p', tls: {ca: {secret: a}, insecureSkipVerify: true}",
                        "insecureSkipVerify checks no certificate"),
                source(
                        "credentials in a header",
                        "url: 'http://p', headers: [{name: authorization, value: Bearer x}]",
                        "prometheus.headers must not set authorization"),
                source(
                        "a header twice",
                        "url: 'http://p', headers: [{name: a, value: b}, {name: a, value: c}]",
                        "headers[1]: Duplicate value"),
                source(
                        "a line break in a header",
                        "url: 'http://p', headers: [{name: a, value: \"b\\nc\"}]",
                        "headers[0].value"));
    }
}
