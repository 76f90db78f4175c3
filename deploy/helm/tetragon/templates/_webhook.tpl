{{/* Whether the operator serves the validating webhook; otherwise empty. */}}
{{- define "tetragon.servesWebhook" -}}
{{- $operator := .Values.tetragonOperator -}}
{{- if and .Values.enabled $operator.enabled $operator.tracingPolicy.enabled $operator.webhook.enabled }}true{{ end -}}
{{- end }}

{{/* Name of the webhook's Service and configuration, and of its rights. */}}
{{- define "tetragon.webhookName" -}}
{{- printf "%s-webhook" (include "tetragon.operatorName" .) -}}
{{- end }}
