{{/* The agent's container. */}}
{{- define "tetragon.agentContainer" -}}
{{- $agent := .Values.tetragon -}}
- name: tetragon
  image: {{ include "tetragon.image" . | quote }}
  imagePullPolicy: {{ .Values.imagePullPolicy }}
  {{- with $agent.commandOverride }}
  command:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  args:
    {{- if $agent.argsOverride }}
    {{- toYaml $agent.argsOverride | nindent 4 }}
    {{- else }}
    - --config-dir=/etc/tetragon/tetragon.conf.d/
    {{- range $name, $value := $agent.extraArgs }}
    # Numbers of a file of values are floats, which would be printed as 1e+06.
    - {{ printf "--%s=%v" $name (kindIs "float64" $value | ternary (int64 $value) $value) | quote }}
    {{- end }}
    {{- end }}
  env:
    - name: NODE_NAME
      valueFrom:
        fieldRef:
          fieldPath: spec.nodeName
    {{- if include "tetragon.reportsPolicies" . }}
    # Its report about policies has the name of the pod, and is deleted with it.
    - name: POD_NAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: POD_UID
      valueFrom:
        fieldRef:
          fieldPath: metadata.uid
    {{- end }}
    {{- with $agent.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $agent.securityContext }}
  securityContext:
    # The agent writes to mounted folders only.
    {{- toYaml (mergeOverwrite (dict "readOnlyRootFilesystem" true) (deepCopy .)) | nindent 4 }}
  {{- end }}
  {{- with $agent.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "tetragon.probeHandler" (dict "context" . "service" "readiness") }}
  # The pod is ready once the agent is attached to the kernel, and all policies of files are in force.
  # Not a startupProbe: kubelets of 1.20 notice its success a minute late.
  readinessProbe:
    {{- . | nindent 4 }}
    timeoutSeconds: 60
    # A command is started for each probe, which takes processor time of the node.
    periodSeconds: {{ hasPrefix "exec:" . | ternary 10 5 }}
  {{- end }}
  {{- with include "tetragon.livenessProbe" . }}
  livenessProbe:
    {{- . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: tetragon-config
      mountPath: /etc/tetragon/tetragon.conf.d/
      readOnly: true
    {{- if .Values.tetragon.rules }}
    - name: rules
      mountPath: /etc/tetragon/rules
      readOnly: true
    {{- end }}
    {{- if include "tetragon.projectsToken" . }}
    - name: account
      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      readOnly: true
    {{- end }}
    - name: host-proc
      mountPath: /procRoot
      readOnly: true
    # Replaces the container's own mount: programs that replace kernel functions are attached to
    # the root of the node's hierarchy.
    - name: host-cgroup
      mountPath: /sys/fs/cgroup
      readOnly: true
    # Always: programs of an earlier agent may be pinned there.
    - name: bpf
      mountPath: /sys/fs/bpf
      {{- if .Values.tetragon.enableKeepSensorsOnExit }}
      # The agent mounts the file system if the node has not.
      mountPropagation: Bidirectional
      {{- end }}
    - name: export-logs
      mountPath: {{ .Values.exportDirectory }}
    {{- with include "tetragon.spoolFolder" . }}
    - name: spool
      mountPath: {{ . }}
    {{- end }}
    {{- range $name, $folder := include "tetragon.outputFolders" . | fromJson }}
    - name: {{ $name }}
      mountPath: {{ $folder | quote }}
    {{- end }}
    - name: run
      mountPath: /var/run/tetragon
    {{- with include "tetragon.socketFolder" . }}
    {{- if ne . "/var/run/tetragon" }}
    - name: socket
      mountPath: {{ . }}
    {{- end }}
    {{- end }}
    {{- with include "tetragon.runtimeFolder" . }}
    # The folder and not the socket, which the runtime replaces when it starts.
    - name: runtime
      mountPath: {{ . }}
      readOnly: true
    {{- end }}
    {{- if .Values.tetragon.nri.enabled }}
    - name: nri
      mountPath: {{ dir .Values.tetragon.nri.socketHostPath }}
      readOnly: true
    {{- end }}
    {{- with include "tetragon.tlsMount" . }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- range concat .Values.extraHostPathMounts .Values.extraConfigmapMounts }}
    - name: {{ .name }}
      mountPath: {{ .mountPath }}
      readOnly: {{ .readOnly | default false }}
      {{- with .mountPropagation }}
      mountPropagation: {{ . }}
      {{- end }}
    {{- end }}
    {{- with $agent.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "tetragon.livenessProbe" -}}
{{- if .Values.tetragon.livenessProbe -}}
{{- toYaml .Values.tetragon.livenessProbe -}}
{{- else -}}
{{- with include "tetragon.probeHandler" (dict "context" . "service" "liveness") -}}
{{- . }}
# The agent answers when its policies are loaded: a thousand take half a minute.
initialDelaySeconds: 180
timeoutSeconds: 60
{{- if hasPrefix "exec:" . }}
periodSeconds: 60
{{- end }}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
The probe of the agent for a service of its health. Kubernetes before 1.24 has no gRPC probes: there
the pod is ready without policies, too.
*/}}
{{- define "tetragon.probeHandler" -}}
{{- $agent := .context.Values.tetragon -}}
{{- if and $agent.healthGrpc.enabled (semverCompare ">=1.24.0-0" .context.Capabilities.KubeVersion.Version) -}}
grpc:
  port: {{ $agent.healthGrpc.port }}
  service: {{ .service }}
{{- else if $agent.grpc.enabled -}}
exec:
  command:
    - /usr/bin/tetra
    - status
    - --server-address
    - {{ include "tetragon.localAddress" .context }}
{{- end -}}
{{- end }}
