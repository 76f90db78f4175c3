{{/*
Values of Tetragon's chart that have no effect here and differ from their default, one line each with
the reason: files/without-effect.json. The argument has the root (`root`), and whether to list those
that are refused (`refused`) or the others.
*/}}
{{- define "tetragon.withoutEffect" -}}
{{- $root := .root -}}
{{- $refused := .refused -}}
{{- range $root.Files.Get "files/without-effect.json" | fromJsonArray -}}
{{- $found := $root.Values -}}
{{- range splitList "." .value -}}
{{- $found = ternary (get (kindIs "map" $found | ternary $found dict) .) nil (kindIs "map" $found) -}}
{{- end -}}
{{- $isSet := not (or (kindIs "invalid" $found) (eq (toString $found) "")) -}}
{{- if and $isSet (ne (toJson $found) (toJson .default)) (eq .refused $refused) }}
{{ .value }}: {{ .reason }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Fails if a value without effect is set that would leave something unprotected. */}}
{{- define "tetragon.refuseWithoutEffect" -}}
{{- with include "tetragon.withoutEffect" (dict "root" . "refused" true) -}}
{{- fail (printf "these values are not supported:%s" .) -}}
{{- end -}}
{{- end }}
