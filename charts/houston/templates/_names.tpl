{{/* Name of all objects of the release: with the longest suffix, at most 63 characters. */}}
{{- define "houston.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $ofRelease := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- default $ofRelease .Values.fullnameOverride | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of the roles, which other releases may have in the same places: with the namespace of this one. */}}
{{- define "houston.roleName" -}}
{{- printf "%s-%s" .Release.Namespace (include "houston.fullname" .) -}}
{{- end -}}

{{- define "houston.serviceAccountName" -}}
{{- default (.Values.serviceAccount.create | ternary (include "houston.fullname" .) "default") .Values.serviceAccount.name -}}
{{- end -}}

{{/* Name of the Cluster of CloudNativePG. */}}
{{- define "houston.postgresqlName" -}}
{{- default (printf "%s-postgresql" (include "houston.fullname" .)) .Values.postgresql.name -}}
{{- end -}}

{{/* The labels that select pods. They never change: those of a Deployment cannot. Call with (list $ "component"). */}}
{{- define "houston.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* The labels of an object, over those of the operator. Call with (list $ "component" operator's…). */}}
{{- define "houston.labels" -}}
{{- $root := first . -}}
{{- $chart := printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 -}}
{{- $labels := dict
  "app.kubernetes.io/version" $root.Chart.AppVersion
  "app.kubernetes.io/managed-by" $root.Release.Service
  "helm.sh/chart" $chart
-}}
{{- $selector := fromYaml (include "houston.selector" (list $root (index . 1))) -}}
{{- toYaml (merge $selector $labels (slice . 2 | first | default dict)) -}}
{{- end -}}
