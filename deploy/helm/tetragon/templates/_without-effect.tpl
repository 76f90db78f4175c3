{{/*
Values that have no effect and differ from their default, one line each with the reason:
files/without-effect.json. Some never have one, others need a value that is off.
*/}}
{{- define "tetragon.withoutEffect" -}}
{{- $root := . -}}
{{- range $entry := $root.Files.Get "files/without-effect.json" | fromJsonArray -}}
{{- $found := $root.Values -}}
{{- range splitList "." .value -}}
{{- $found = ternary (get (kindIs "map" $found | ternary $found dict) .) nil (kindIs "map" $found) -}}
{{- end -}}
{{- $isSet := not (or (kindIs "invalid" $found) (eq (toString $found) "")) -}}
{{- $missing := "" -}}
{{- range $path := .needs -}}
{{- $needed := $root.Values -}}
{{- range splitList "." $path -}}
{{- $needed = ternary (get (kindIs "map" $needed | ternary $needed dict) .) nil (kindIs "map" $needed) -}}
{{- end -}}
{{- if not (or $needed $missing) -}}
{{- $missing = $path -}}
{{- end -}}
{{- end -}}
{{- $isWithout := or $missing (not .needs) -}}
{{- if and $isSet $isWithout (ne (toJson $found) (toJson .default)) }}
{{ .value }}: {{ .reason }}{{ with $missing }} {{ . }}{{ end }}
{{- end -}}
{{- end -}}
{{- end }}
