{{/*
The rules for outgoing connections to these destinations of networkPolicy.egress, those without ports left out. Call with
(list $ "dns" "postgresql" …).
*/}}
{{- define "houston.egress" -}}
{{- $root := first . -}}
{{- $rules := list -}}
{{- range $name := rest . -}}
{{- $destination := get $root.Values.networkPolicy.egress $name -}}
{{- $ports := list -}}
{{- range $port := $destination.ports -}}
{{- range eq $name "dns" | ternary (list "UDP" "TCP") (list "TCP") -}}
{{- $ports = append $ports (dict "port" $port "protocol" .) -}}
{{- end -}}
{{- end -}}
{{- $peers := $destination.to -}}
{{- if and (eq $name "postgresql") $root.Values.postgresql.enabled (not $peers) -}}
{{- $ours := dict "cnpg.io/cluster" (include "houston.postgresqlName" $root) -}}
{{- $peers = list (dict "podSelector" (dict "matchLabels" $ours)) -}}
{{- end -}}
{{- if $ports -}}
{{- $rule := dict "ports" $ports -}}
{{- if $peers -}}
{{- $_ := set $rule "to" $peers -}}
{{- end -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}
