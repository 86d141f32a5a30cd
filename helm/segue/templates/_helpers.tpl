{{- define "segue.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "segue.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "segue.labels" -}}
{{ include "segue.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: segue
{{- end -}}

{{- define "segue.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "segue.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.create is false, so serviceAccount.name is needed: the operator's rights are not for the namespace's default account" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* One for each release: two in one namespace, for different namespaces, are two leaders. */}}
{{- define "segue.lease" -}}
{{ include "segue.fullname" . }}-operator
{{- end -}}

{{- define "segue.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}
