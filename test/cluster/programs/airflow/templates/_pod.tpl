{{- define "labels" -}}
{{ toYaml (merge (dict "tier" "airflow" "component" .component "release" .root.Release.Name "chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version)) (ternary (dict "set" .suffix) dict (hasKey . "suffix")) .root.Values.labels) }}
{{- end }}

{{- define "variable" -}}
{{- if .secret }}
- name: {{ .name }}
  valueFrom: { secretKeyRef: { name: {{ .secret }}, key: {{ .key }} } }
{{- end }}
{{- end }}

{{/* The template of the pods of one component: of what Airflow needs to start, whatever is a Secret must exist. */}}
{{- define "pod" -}}
{{- $v := .root.Values -}}
metadata:
  labels: {{- include "labels" . | nindent 4 }}
  annotations:
    {{- $checksum := dict }}
    {{- if not .isJob }}
    {{- $_ := set $checksum "checksum/airflow-config" (toJson $v.config | sha256sum) }}
    {{- end }}
    {{- toYaml (merge $checksum (default dict .annotations) $v.airflowPodAnnotations) | nindent 4 }}
spec:
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  {{- with .grace }}
  terminationGracePeriodSeconds: {{ . }}
  {{- end }}
  {{- with $v.registry.secretName }}
  imagePullSecrets: [{ name: {{ . }} }]
  {{- end }}
  containers:
    - name: {{ .component }}
      {{- if .image }}
      image: {{ .image }}
      resources: {{- toYaml (default dict .resources) | nindent 8 }}
      {{- else }}
      {{- with $v.images.airflow }}
      image: {{ .repository }}{{ with .digest }}@{{ . }}{{ else }}:{{ .tag }}{{ end }}
      {{- end }}
      resources: {{- toYaml (default dict .resources) | nindent 8 }}
      env:
        - { name: AIRFLOW__CORE__EXECUTOR, value: {{ $v.executor }} }
        {{- include "variable" (dict "name" "AIRFLOW__CORE__FERNET_KEY" "secret" $v.fernetKeySecretName "key" "fernet-key") | indent 8 }}
        {{- include "variable" (dict "name" "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" "secret" $v.data.metadataSecretName "key" "connection") | indent 8 }}
        {{- include "variable" (dict "name" "AIRFLOW__CELERY__RESULT_BACKEND" "secret" $v.data.resultBackendSecretName "key" "connection") | indent 8 }}
        {{- include "variable" (dict "name" "AIRFLOW__CELERY__BROKER_URL" "secret" $v.data.brokerUrlSecretName "key" "connection") | indent 8 }}
        {{- include "variable" (dict "name" "AIRFLOW__WEBSERVER__SECRET_KEY" "secret" $v.webserverSecretKeySecretName "key" "webserver-secret-key") | indent 8 }}
        {{- include "variable" (dict "name" "AIRFLOW__API__SECRET_KEY" "secret" $v.apiSecretKeySecretName "key" "api-secret-key") | indent 8 }}
        {{- include "variable" (dict "name" "AIRFLOW__API_AUTH__JWT_SECRET" "secret" $v.jwtSecretName "key" "jwt-secret") | indent 8 }}
        {{- with concat (ternary list $v.env (default false .plainEnv)) (default list .env) }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- range ternary list $v.secret (default false .plainEnv) }}
        - { name: {{ .envName }}, valueFrom: { secretKeyRef: { name: {{ .secretName }}, key: {{ .secretKey }} } } }
        {{- end }}
      volumeMounts:
        - { name: config, mountPath: /opt/airflow/airflow.cfg, subPath: airflow.cfg, readOnly: true }
        {{- with $v.volumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
  volumes:
    - { name: config, configMap: { name: {{ .root.Release.Name }}-config } }
    {{- with $v.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
