{{/* The container that prints the exported events: kubectl logs -c export-stdout. */}}
{{- define "tetragon.exportContainer" -}}
{{- $stdout := .Values.export.stdout -}}
- name: export-stdout
  image: {{ include "tetragon.exportImage" . | quote }}
  imagePullPolicy: {{ .Values.imagePullPolicy }}
  {{- if $stdout.enabledCommand }}
  command:
    {{- toYaml ($stdout.commandOverride | default (list "/usr/bin/export-stdout")) | nindent 4 }}
  {{- end }}
  {{- if $stdout.enabledArgs }}
  args:
    {{- if $stdout.argsOverride }}
    {{- toYaml $stdout.argsOverride | nindent 4 }}
    {{- else }}
    {{- range .Values.export.filenames }}
    - {{ printf "%s/%s" $.Values.exportDirectory . | quote }}
    {{- end }}
    {{- end }}
  {{- end }}
  {{- with $stdout.extraEnv }}
  env:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or $stdout.envFromSecrets $stdout.extraEnvFrom }}
  envFrom:
    {{- range $stdout.envFromSecrets }}
    - secretRef:
        name: {{ . }}
    {{- end }}
    {{- with $stdout.extraEnvFrom }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  securityContext:
    {{- toYaml (mergeOverwrite (dict "readOnlyRootFilesystem" true) (deepCopy .Values.export.securityContext)) | nindent 4 }}
  {{- with .Values.export.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: export-logs
      mountPath: {{ .Values.exportDirectory }}
      readOnly: true
    {{- with $stdout.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
