{{/* Name of the objects of the console. */}}
{{- define "tetragon.consoleName" -}}
{{- printf "%s-console" (include "tetragon.name" .) -}}
{{- end }}

{{/* Whether the console is deployed; otherwise empty. Fails if a value that it needs is missing. */}}
{{- define "tetragon.deploysConsole" -}}
{{- $console := .Values.console -}}
{{- if and .Values.enabled $console.enabled -}}
{{- $url := toString $console.publicUrl -}}
{{- /* As in tetra console --public-url: a test compares them. */ -}}
{{- if not (regexMatch `^(https://(([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?|(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}|\[[0-9A-Fa-f:]{2,39}\])|http://(localhost|127(\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}|\[::1\]))(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?/?$` $url) -}}
{{- fail (printf "console.enabled needs console.publicUrl, the address that browsers open, such as https://tetragon.example: %q is not https://HOST or https://HOST:PORT (http:// is for localhost only)" $url) -}}
{{- end -}}
{{- if and (not $console.tls.secretName) (not $console.extraContainers) -}}
{{- fail "console.enabled needs console.tls.secretName, or a proxy in console.extraContainers: the console listens on other addresses than loopback only with TLS" -}}
{{- end -}}
{{- if and (not $console.tls.secretName) (not $console.service.targetPort) -}}
{{- fail "console.extraContainers without console.tls.secretName needs console.service.targetPort, the port of the proxy" -}}
{{- end -}}
true
{{- end -}}
{{- end }}

{{- define "tetragon.consoleServiceAccountName" -}}
{{- with .Values.console.serviceAccount -}}
{{- if .create -}}
{{- .name | default (include "tetragon.consoleName" $) -}}
{{- else -}}
{{- .name | default "default" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Labels that select the pod of the console. */}}
{{- define "tetragon.consoleSelectorLabels" -}}
app.kubernetes.io/name: {{ include "tetragon.consoleName" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of every object of the console. */}}
{{- define "tetragon.consoleLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "tetragon.consoleSelectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The console's image: the agent's own, unless another one is given. */}}
{{- define "tetragon.consoleImage" -}}
{{- $image := .Values.console.image -}}
{{- if $image.override -}}
{{- $image.override -}}
{{- else if $image.repository -}}
{{- printf "%s:%s" $image.repository ($image.tag | default "latest") -}}
{{- else -}}
{{- include "tetragon.image" . -}}
{{- end -}}
{{- end }}

{{/* The label selector of the agents' pods. */}}
{{- define "tetragon.agentSelector" -}}
{{- $terms := list -}}
{{- range $name, $value := include "tetragon.selectorLabels" . | fromYaml -}}
{{- $terms = append $terms (printf "%s=%v" $name $value) -}}
{{- end -}}
{{- join "," $terms -}}
{{- end }}

{{/* The port of the pod for the Service: that of the console, or of the proxy. */}}
{{- define "tetragon.consolePort" -}}
{{- .Values.console.service.targetPort | default 8443 -}}
{{- end }}
