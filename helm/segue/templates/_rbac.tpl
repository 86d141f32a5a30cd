{{/* Everything the operator may do, verb by verb. Where: in all namespaces or in the listed ones, see rbac.yaml. */}}
{{- define "segue.rules" -}}
- apiGroups: [segue.dev]
  resources: [migrations]
  # get, list, watch: the work itself. patch: our finalizer, on while something of ours is in the cluster.
  verbs: [get, list, watch, patch]
- apiGroups: [segue.dev]
  resources: [migrations/status]
  # update: every status write is a whole one, under the lock of the version that was read.
  verbs: [update]
- apiGroups: [apps]
  resources: [deployments]
  # get: replicas, template, rollout. patch: the change as a dry run, and at the handover for good.
  verbs: [get, patch]
- apiGroups: [apps]
  resources: [replicasets]
  # list: the source, the target, older twins of the target. create: the target. get, patch: its size, giving it away to
  # the Deployment. delete: after a revert; also what lets it change owners where OwnerReferencesPermissionEnforcement is on.
  verbs: [get, list, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  # list: readiness, restarts and crash loops of source and target. create: as a dry run only, whether admission accepts a
  # pod of the new version; who may create ReplicaSets can have pods made anyway.
  verbs: [list, create]
- apiGroups: [""]
  resources: [services]
  # list: which ones select the pods. patch: narrowing the selector and taking it back.
  # get, create, delete: the hold Service that keeps draining endpoints known to the nodes.
  verbs: [get, list, create, patch, delete]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  # list: the proof of where a Service sends its traffic.
  verbs: [list]
- apiGroups: [""]
  resources: [configmaps]
  # get: whether there is a report, and whose. create, patch: the Migration's report, ConfigMap NAME-report, with the plan
  # before anything is written and the whole story at the end. Without these rights there is none, and it goes on.
  verbs: [get, create, patch]
- apiGroups: [argoproj.io, flagger.app, rollouts.kruise.io]
  resources: [rollouts, canaries]
  # list: whether another rollout tool has the Deployment in hand; asked in the assessment only.
  verbs: [list]
# From here to the events: read in the assessment only. Without one of these rights it says what it does not know.
- apiGroups: [""]
  resources: [configmaps, persistentvolumeclaims, serviceaccounts]
  # get: whether those that the new version's template names exist, with the keys it names; the access modes of volumes.
  verbs: [get]
- apiGroups: [""]
  resources: [resourcequotas, limitranges]
  # list: whether both versions fit in.
  verbs: [list]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  # list: whether one may scale the Deployment down because of the new version's pods.
  verbs: [list]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  # list: whether one stops node drains meanwhile.
  verbs: [list]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies, ingresses]
  # list: whether both versions are under the same policies; what leads to the Services.
  verbs: [list]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [rolebindings]
  # list: which roles the new version's ServiceAccount does not have, and the old one's has; which it has not in a copy. What
  # is in a role is not read, and ClusterRoleBindings are not: that would be a right in the whole cluster.
  verbs: [list]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes, grpcroutes]
  # list: what leads to the Services.
  verbs: [list]
- apiGroups: [monitoring.coreos.com]
  resources: [podmonitors, servicemonitors]
  # list: whether anything has the pods scraped whose metrics decide.
  verbs: [list]
- apiGroups: [events.k8s.io]
  resources: [events]
  # create: one event per transition.
  verbs: [create]
{{- if .Values.prometheus.credentials.enabled }}
- apiGroups: [""]
  resources: [secrets]
  # get: the credentials that a Migration's analysis.prometheus names. Only what carries the label segue.dev/prometheus is
  # used; a right cannot be limited to a label. Of other Secrets, those that the new version's template names, the
  # assessment looks whether they exist and have the keys that it names.
  verbs: [get]
{{- end }}
{{- end -}}

{{/* In the operator's own namespace only. */}}
{{- define "segue.leaseRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  # create: the leader's lease, once. A right to create cannot be limited to a name.
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "segue.lease" . }}]
  # get, patch: taking and renewing it. update: giving it up at the end; the framework refuses to start without it. It
  # asks by a SelfSubjectRulesReview, which Kubernetes lets every account make of itself.
  verbs: [get, update, patch]
{{- end -}}

{{/* For rehearsals, in all namespaces: the name of a copy's namespace is not known before. */}}
{{- define "segue.stagingRules" -}}
- apiGroups: [segue.dev]
  resources: [migrations]
  # The Migration in the copy by which the moves are rehearsed. get: how far it is. patch: the command that takes it back.
  # list, delete: where an administrator made the namespace, which stays.
  verbs: [get, list, create, patch, delete]
- apiGroups: [""]
  resources: [namespaces]
  # get: production's Pod Security and mesh labels, the copy's state. list: copies whose Migration is gone. create, delete:
  # the copy. A right to create cannot be limited to names; deleted is only what carries the Migration's UID.
  verbs: [get, list, create, delete]
- apiGroups: [""]
  resources: [configmaps, secrets, serviceaccounts, persistentvolumeclaims, services]
  # get: what the new version's pods need. Of Secrets only what the Migration lists is copied; of those that the new version's
  # template names the assessment looks whether they exist and have the keys that it names, for every Migration. create, list:
  # the copies, and what is in the copy's Secrets, to take it out of messages. delete: in a namespace that an administrator
  # made, which stays.
  verbs: [get, list, create, delete]
- apiGroups: [""]
  resources: [limitranges, resourcequotas]
  # list: production's limits, the copies. create, delete: the same and a quota in the copy.
  verbs: [list, create, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  # The isolation of the copy.
  verbs: [list, create, delete]
- apiGroups: [apps]
  resources: [deployments]
  # list: the one behind a dependency that is copied. create, get, delete: the versions in the copy.
  verbs: [get, list, create, delete]
- apiGroups: [batch]
  resources: [jobs]
  # The tests, and the load of a rehearsal. get: whether the one to stop is ours.
  verbs: [get, list, create, delete]
- apiGroups: [""]
  resources: [pods]
  # list: readiness, why a test does not start, its last word.
  verbs: [list]
- apiGroups: [""]
  resources: [pods/log]
  # get: the log of a test that failed, for the report; what the load of a rehearsal counts.
  verbs: [get]
{{- if .Values.staging.snapshots }}
- apiGroups: [""]
  resources: [persistentvolumes]
  # get: by which driver the volume of a claim is, for the assessment.
  verbs: [get]
- apiGroups: [storage.k8s.io]
  resources: [storageclasses]
  # get: whether what the copy gets of a claim's class stays when the copy is gone, for the assessment.
  verbs: [get]
- apiGroups: [snapshot.storage.k8s.io]
  resources: [volumesnapshotclasses]
  # list: whether the one that a Migration names is there, or which is the default, for the assessment.
  verbs: [list]
- apiGroups: [snapshot.storage.k8s.io]
  resources: [volumesnapshots]
  # create: production's, and the ones in the copy. list: how far they are, and those whose Migration is gone. get: whose one of
  # that name is; how large it is. delete: both; deleted is only what carries the Migration's UID.
  verbs: [get, list, create, delete]
- apiGroups: [snapshot.storage.k8s.io]
  resources: [volumesnapshotcontents]
  # get: the handle of production's snapshot. create: what gives that handle to the copy. Who may create these can have any
  # snapshot whose handle he knows; a right to create cannot be limited. list: what is left of them. delete: the same.
  verbs: [get, list, create, delete]
{{- end }}
{{- end -}}
