{{/*
Source of the certificate of the gRPC server: existing, helm, cronJob, certmanager; empty without TLS.
*/}}
{{- define "tetragon.tlsSource" -}}
{{- $grpc := .Values.tetragon.grpc -}}
{{- $tls := $grpc.tls -}}
{{- if and .Values.enabled .Values.tetragon.enabled $tls.enabled -}}
{{- if not $grpc.enabled }}{{ fail "tetragon.grpc.tls.enabled needs tetragon.grpc.enabled" }}{{ end -}}
{{- if include "tetragon.socketFolder" . -}}
{{- fail "tetragon.grpc.tls.enabled needs a TCP address in tetragon.grpc.address, such as 0.0.0.0:54321: sockets have no TLS" -}}
{{- end -}}
{{- if ne (empty $tls.ca.cert) (empty $tls.ca.key) -}}
{{- fail "tetragon.grpc.tls.ca.cert and tetragon.grpc.tls.ca.key must be given together" -}}
{{- end -}}
{{- if $tls.server.existingSecret }}existing
{{- else if not $tls.auto.enabled -}}
{{- fail "tetragon.grpc.tls.enabled needs tetragon.grpc.tls.server.existingSecret or tetragon.grpc.tls.auto.enabled" -}}
{{- else if not (has $tls.auto.method (list "helm" "cronJob" "certmanager")) -}}
{{- fail (printf "tetragon.grpc.tls.auto.method: %q is none of helm, cronJob and certmanager" $tls.auto.method) -}}
{{- else -}}
{{- $tls.auto.method -}}
{{- end -}}
{{- else if and .Values.enabled .Values.tetragon.enabled $grpc.enabled -}}
{{- if not (or $grpc.allowPlaintext (hasPrefix "unix:" (include "tetragon.grpcAddress" .))) -}}
{{- fail (printf "tetragon.grpc.address: %q needs tetragon.grpc.tls.enabled or tetragon.grpc.allowPlaintext: without TLS, everyone who reaches the port can read all events, on localhost every user and every pod with the node's network; leave the address out to use the socket" $grpc.address) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "tetragon.caSecret" -}}
{{- printf "%s-ca" (include "tetragon.name" .) -}}
{{- end }}

{{- define "tetragon.serverSecret" -}}
{{- .Values.tetragon.grpc.tls.server.existingSecret | default (printf "%s-server-certs" (include "tetragon.name" .)) -}}
{{- end }}

{{- define "tetragon.clientSecret" -}}
{{- printf "%s-client-certs" (include "tetragon.name" .) -}}
{{- end }}

{{/* The name that clients can expect of every agent, whatever its address; JSON. */}}
{{- define "tetragon.tlsDnsNames" -}}
{{- concat (list "*.tetragon-grpc.cilium.io") .Values.tetragon.grpc.tls.server.extraDnsNames | toJson -}}
{{- end }}

{{/* Options of the agent. */}}
{{- define "tetragon.tlsOptions" -}}
{{- if include "tetragon.tlsSource" . -}}
server-tls-cert-file: /etc/tetragon/tls/tls.crt
server-tls-key-file: /etc/tetragon/tls/tls.key
{{- if .Values.tetragon.grpc.tls.requireClientCert }}
server-tls-client-ca-files: /etc/tetragon/tls/ca.crt
server-tls-require-client-cert: "true"
{{- end }}
{{- end -}}
{{- end }}

{{/* The pod waits until the Secret has these keys. The agent loads later changes by itself. */}}
{{- define "tetragon.tlsVolume" -}}
{{- if include "tetragon.tlsSource" . -}}
- name: tls
  secret:
    secretName: {{ include "tetragon.serverSecret" . }}
    defaultMode: 0400
    items:
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
      {{- if .Values.tetragon.grpc.tls.requireClientCert }}
      - key: ca.crt
        path: ca.crt
      {{- end }}
{{- end -}}
{{- end }}

{{- define "tetragon.tlsMount" -}}
{{- if include "tetragon.tlsSource" . -}}
- name: tls
  mountPath: /etc/tetragon/tls
  readOnly: true
{{- end -}}
{{- end }}

{{/* The address of the server. Without one the agent would have no server. */}}
{{- define "tetragon.grpcAddress" -}}
{{- .Values.tetragon.grpc.address | default "unix:///var/run/tetragon/tetragon.sock" -}}
{{- end }}

{{/* The address for programs in the agent's container: they have no certificates. */}}
{{- define "tetragon.localAddress" -}}
{{- $address := include "tetragon.grpcAddress" . -}}
{{- if hasPrefix "unix:" $address -}}
{{- $address -}}
{{- else -}}
unix:///var/run/tetragon/tetragon.sock
{{- end -}}
{{- end }}
