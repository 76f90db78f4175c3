{{/* Name of the objects of the agent. */}}
{{- define "tetragon.name" -}}
{{- .Values.tetragon.nameOverride | default "tetragon" -}}
{{- end }}

{{/* Name of the ConfigMap with the options. */}}
{{- define "tetragon.configMapName" -}}
{{- printf "%s-config" (include "tetragon.name" .) -}}
{{- end }}

{{- define "tetragon.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default .Release.Name -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{/* Accounts of programs that the chart deploys, but does not create; a line for each. */}}
{{- define "tetragon.accountsWithoutRights" -}}
{{- if and .Values.tetragon.enabled .Values.tetragon.enableK8sAPI (not .Values.serviceAccount.create) }}
  agent: {{ include "tetragon.serviceAccountName" . }}
{{- end }}
{{- if and .Values.tetragonOperator.enabled (not .Values.tetragonOperator.serviceAccount.create) }}
  operator: {{ include "tetragon.operatorServiceAccountName" . }}
{{- end }}
{{- if and (include "tetragon.deploysConsole" .) (not .Values.console.serviceAccount.create) }}
  console: {{ include "tetragon.consoleServiceAccountName" . }}
{{- end }}
{{- end }}

{{/* Labels that select the pods. */}}
{{- define "tetragon.selectorLabels" -}}
{{- if .Values.selectorLabelsOverride -}}
{{- toYaml .Values.selectorLabelsOverride -}}
{{- else -}}
app.kubernetes.io/name: {{ include "tetragon.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- end }}

{{/* Labels of every object. */}}
{{- define "tetragon.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: {{ include "tetragon.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Whether agents report the state of policies, for the operator; otherwise empty. */}}
{{- define "tetragon.reportsPolicies" -}}
{{- $operator := .Values.tetragonOperator -}}
{{- $agents := and .Values.enabled .Values.tetragon.enabled .Values.tetragon.enableK8sAPI -}}
{{- if and $agents $operator.enabled $operator.tracingPolicy.enabled }}true{{ end -}}
{{- end }}

{{/*
Whether the webhook decides about reports; otherwise empty. From Kubernetes 1.30 on
node-status-policy.yaml does.
*/}}
{{- define "tetragon.reviewsReports" -}}
{{- $isOld := semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version -}}
{{- if and $isOld (include "tetragon.reportsPolicies" .) (include "tetragon.servesWebhook" .) }}true{{ end -}}
{{- end }}

{{/*
Whether pods need a token of their own for that; otherwise empty. From Kubernetes 1.21 on they have one.
*/}}
{{- define "tetragon.projectsToken" -}}
{{- if and (include "tetragon.reviewsReports" .) (semverCompare "<1.21.0-0" .Capabilities.KubeVersion.Version) }}true{{ end -}}
{{- end }}

{{- define "tetragon.image" -}}
{{- with .Values.tetragon.image -}}
{{- .override | default (printf "%s:%s" .repository .tag) -}}
{{- end -}}
{{- end }}

{{/* The image that prints events: the agent's own, unless another one is given. */}}
{{- define "tetragon.exportImage" -}}
{{- $image := .Values.export.stdout.image -}}
{{- if $image.override -}}
{{- $image.override -}}
{{- else if $image.repository -}}
{{- printf "%s:%s" $image.repository ($image.tag | default "latest") -}}
{{- else -}}
{{- include "tetragon.image" . -}}
{{- end -}}
{{- end }}

{{/* Folder of the node with the agent's socket, if it has one. */}}
{{- define "tetragon.socketFolder" -}}
{{- $address := include "tetragon.grpcAddress" . -}}
{{- if and .Values.tetragon.grpc.enabled (hasPrefix "unix://" $address) -}}
{{- dir (trimPrefix "unix://" $address) -}}
{{- end -}}
{{- end }}

{{/* Folder of the node with the socket of the container runtime, if the agent asks it. */}}
{{- define "tetragon.runtimeFolder" -}}
{{- if .Values.tetragon.cri.enabled -}}
{{- dir .Values.tetragon.cri.socketHostPath -}}
{{- end -}}
{{- end }}

{{- /* Folders of the node for files of outputs, by the names of their volumes, as JSON. Outputs can share
       a folder, but a pod cannot mount one twice. */ -}}
{{- define "tetragon.outputFolders" -}}
{{- $folders := dict -}}
{{- range .Values.tetragon.outputs -}}
{{- $folder := "" -}}
{{- if hasPrefix "parquet://" . -}}
{{- $folder = (urlParse .).path -}}
{{- else if hasPrefix "s3://" . -}}
{{- $given := regexFind "[?&]folder=[^&#]*" . | trimPrefix "?" | trimPrefix "&" | trimPrefix "folder=" -}}
{{- $folder = (urlParse (printf "file://%s" ($given | replace "%2F" "/" | replace "+" "%20"))).path -}}
{{- end -}}
{{- $folder = trimSuffix "/" $folder -}}
{{- if $folder -}}
{{- $_ := set $folders (printf "output-%s" ($folder | sha256sum | trunc 10)) $folder -}}
{{- end -}}
{{- end -}}
{{- toJson $folders -}}
{{- end -}}

{{- /* Folder of the node for events on disk; empty if no output keeps any. The default is also that of
       an upgrade with --reuse-values from a chart without the value. */ -}}
{{- define "tetragon.spoolFolder" -}}
{{- range .Values.tetragon.outputs -}}
{{- if regexMatch "[?&]spool=" . -}}
{{- $.Values.tetragon.outputSpoolDirectory | default "/var/lib/tetragon/spool" -}}
{{- break -}}
{{- end -}}
{{- end -}}
{{- end -}}
