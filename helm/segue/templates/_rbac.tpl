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
  # list: readiness, restarts and crash loops of source and target. Never written.
  verbs: [list]
- apiGroups: [""]
  resources: [services]
  # list: which ones select the pods. patch: narrowing the selector and taking it back.
  # get, create, delete: the hold Service that keeps draining endpoints known to the nodes.
  verbs: [get, list, create, patch, delete]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  # list: the proof of where a Service sends its traffic.
  verbs: [list]
- apiGroups: [argoproj.io, flagger.app, rollouts.kruise.io]
  resources: [rollouts, canaries]
  # list: whether another rollout tool has the Deployment in hand; asked in the assessment only.
  verbs: [list]
- apiGroups: [events.k8s.io]
  resources: [events]
  # create: one event per transition.
  verbs: [create]
{{- if .Values.prometheus.credentials.enabled }}
- apiGroups: [""]
  resources: [secrets]
  # get: the credentials that a Migration's analysis.prometheus names. Only what carries the label segue.dev/prometheus is
  # used; a right cannot be limited to a label.
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
