{{/* Whether a value is set; a group with the field `enabled`: whether that is. */}}
{{- define "tetragon.isSet" -}}
{{- if not (kindIs "map" .) -}}
{{- if . }}set{{ end -}}
{{- else if hasKey . "enabled" -}}
{{- include "tetragon.isSet" .enabled -}}
{{- else -}}
{{- range $_, $each := . }}{{ include "tetragon.isSet" $each }}{{ end -}}
{{- end -}}
{{- end }}

{{/* Refuses values of Tetragon's chart that have no effect yet: files/unsupported.yaml. */}}
{{- define "tetragon.refuseUnsupported" -}}
{{- $values := .Values -}}
{{- range .Files.Get "files/unsupported.yaml" | fromYamlArray -}}
{{- $found := $values -}}
{{- range splitList "." .value -}}
{{- $found = ternary (get (kindIs "map" $found | ternary $found dict) .) nil (kindIs "map" $found) -}}
{{- end -}}
{{- if include "tetragon.isSet" $found -}}
{{- fail (printf "%s is not supported: %s" .value .reason) -}}
{{- end -}}
{{- end -}}
{{- end }}
