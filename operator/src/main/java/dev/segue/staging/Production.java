package dev.segue.staging;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What of production the copy is made from, as it was read.
 *
 * @param deployment the Deployment that is moved
 * @param target its template with the change
 * @param services all of the namespace
 * @param others the Deployments behind the dependencies that are copied or have a stub, by the name of the Service
 * @param configMaps those that the copied pods need, by name; what is not there is not in it
 * @param monitoring namespace of the Prometheus that is to reach the copy's pods, null when there is none
 * @param secrets those that may be copied, by name, with those that stand in for others
 */
public record Production(
        Namespace namespace,
        Deployment deployment,
        PodTemplateSpec target,
        List<Service> services,
        Map<String, Deployment> others,
        Map<String, ConfigMap> configMaps,
        Map<String, Secret> secrets,
        Map<String, PersistentVolumeClaim> claims,
        Map<String, ServiceAccount> accounts,
        List<LimitRange> limits,
        @Nullable String monitoring) {}
