{{/* Refuses values of Tetragon's chart that have no effect yet: files/unsupported.yaml. */}}
{{- define "tetragon.refuseUnsupported" -}}
{{- $values := .Values -}}
{{- range .Files.Get "files/unsupported.yaml" | fromYamlArray -}}
{{- $found := $values -}}
{{- range splitList "." .value -}}
{{- $found = ternary (get (kindIs "map" $found | ternary $found dict) .) nil (kindIs "map" $found) -}}
{{- end -}}
{{- if kindIs "map" $found -}}
{{- if $found.enabled -}}
{{- fail (printf "%s.enabled is not supported: %s" .value .reason) -}}
{{- end -}}
{{- else if $found -}}
{{- fail (printf "%s is not supported: %s" .value .reason) -}}
{{- end -}}
{{- end -}}
{{- end }}
