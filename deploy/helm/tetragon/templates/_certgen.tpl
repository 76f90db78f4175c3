{{- define "tetragon.certgenName" -}}
{{- printf "%s-certgen" (include "tetragon.name" .) -}}
{{- end }}

{{/* The image that writes certificates: the agent's own, unless another one is given. */}}
{{- define "tetragon.certgenImage" -}}
{{- $image := .Values.certgen.image -}}
{{- if $image.override -}}
{{- $image.override -}}
{{- else if $image.repository -}}
{{- printf "%s:%s" $image.repository ($image.tag | default "latest") -}}
{{- else -}}
{{- include "tetragon.image" . -}}
{{- end -}}
{{- end }}

{{/* The Job that writes certificates into the Secrets of the agents and of clients. */}}
{{- define "tetragon.certgenJob" -}}
{{- $tls := .Values.tetragon.grpc.tls -}}
{{- with .Values.certgen -}}
ttlSecondsAfterFinished: {{ .ttlSecondsAfterFinished }}
backoffLimit: 10
template:
  metadata:
    labels:
      # Other labels than those that select agents.
      app.kubernetes.io/name: {{ include "tetragon.certgenName" $ }}
      app.kubernetes.io/instance: {{ $.Release.Name }}
      {{- with .podLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  spec:
    serviceAccountName: {{ include "tetragon.certgenName" $ }}
    restartPolicy: OnFailure
    {{- with $.Values.imagePullSecrets }}
    imagePullSecrets:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if not .hostUsers }}
    hostUsers: false
    {{- end }}
    {{- with .nodeSelector }}
    nodeSelector:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .affinity }}
    affinity:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .tolerations }}
    tolerations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      - name: certgen
        image: {{ include "tetragon.certgenImage" $ | quote }}
        imagePullPolicy: {{ .image.pullPolicy }}
        command:
          - /usr/bin/tetragon-operator
        args:
          - certgen
          - --namespace={{ $.Release.Namespace }}
          - --ca-secret={{ include "tetragon.caSecret" $ }}
          - --generate-ca={{ .generateCA }}
          - --ca-validity={{ mul (int $tls.ca.certValidityDuration) 24 }}h
          - --server-secret={{ include "tetragon.serverSecret" $ }}
          - {{ printf "--server-names=%s" (concat (include "tetragon.tlsDnsNames" $ | fromJsonArray) $tls.server.extraIpAddresses | join ",") | quote }}
          {{- if $tls.requireClientCert }}
          - --client-secret={{ include "tetragon.clientSecret" $ }}
          {{- end }}
          - --validity={{ mul (int $tls.auto.certValidityDuration) 24 }}h
        securityContext:
          runAsNonRoot: true
          runAsUser: 65532
          runAsGroup: 65532
          seccompProfile:
            type: RuntimeDefault
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
        {{- with .resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
{{- end -}}
{{- end }}
