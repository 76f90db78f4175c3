{{/* Name of the objects of the operator. */}}
{{- define "tetragon.operatorName" -}}
{{- .Values.tetragonOperator.nameOverride | default "tetragon-operator" -}}
{{- end }}

{{- define "tetragon.operatorServiceAccountName" -}}
{{- with .Values.tetragonOperator.serviceAccount -}}
{{- if .create -}}
{{- .name | default (printf "%s-service-account" (include "tetragon.operatorName" $)) -}}
{{- else -}}
{{- .name | default "default" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Labels that select the pods of the operator. */}}
{{- define "tetragon.operatorSelectorLabels" -}}
app.kubernetes.io/name: {{ include "tetragon.operatorName" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of every object of the operator. */}}
{{- define "tetragon.operatorLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "tetragon.operatorSelectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The operator's image: the agent's own, unless another one is given. */}}
{{- define "tetragon.operatorImage" -}}
{{- $image := .Values.tetragonOperator.image -}}
{{- if $image.override -}}
{{- $image.override -}}
{{- else if $image.repository -}}
{{- printf "%s:%s" $image.repository ($image.tag | default "latest") -}}
{{- else -}}
{{- include "tetragon.image" . -}}
{{- end -}}
{{- end }}

{{/* Whether the operator installs CRDs; otherwise empty. */}}
{{- define "tetragon.operatorInstallsCrds" -}}
{{- if eq .Values.crds.installMethod "operator" }}true{{ end -}}
{{- end }}

{{/* Namespace of the Lease. */}}
{{- define "tetragon.leaseNamespace" -}}
{{- .Values.tetragonOperator.failoverLease.namespace | default .Release.Namespace -}}
{{- end }}
