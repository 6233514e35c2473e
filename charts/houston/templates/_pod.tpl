{{- define "houston.image" -}}
{{- $image := .Values.image -}}
{{ $image.repository }}{{ $image.digest | empty | ternary (printf ":%s" (default .Chart.AppVersion $image.tag)) (printf "@%s" $image.digest) }}
{{- end -}}

{{/* The Secrets that Houston reads as files: the name and key of each by its environment variable, as JSON. */}}
{{- define "houston.secrets" -}}
{{- $secrets := .Values.secrets -}}
{{- $files := dict "JWT__SECRET" $secrets.jwtSecret "ENCRYPTION__KEYS" $secrets.encryptionKeys -}}
{{- if not .Values.postgresql.enabled -}}
{{- $_ := set $files "DATABASE_URL" $secrets.databaseUrl -}}
{{- end -}}
{{- if $secrets.smtpUrl.name -}}
{{- $_ := set $files "EMAIL__SMTP_URL" $secrets.smtpUrl -}}
{{- end -}}
{{- if and .Values.provisioning.enabled .Values.provisioning.kubeconfig.name -}}
{{- $_ := set $files "KUBECONFIG" .Values.provisioning.kubeconfig -}}
{{- end -}}
{{- merge $files $secrets.others | toJson -}}
{{- end -}}

{{/* Where Houston reads its settings. */}}
{{- define "houston.env" -}}
- name: CONFIG_FILE
  value: /etc/houston/config.yaml
{{- range $variable, $_ := fromJson (include "houston.secrets" .) }}
{{- if eq $variable "KUBECONFIG" }}
- name: KUBERNETES__KUBECONFIG
{{- else }}
- name: {{ $variable }}_FILE
{{- end }}
  value: /etc/houston/secrets/{{ $variable }}
{{- end }}
{{- if .Values.postgresql.enabled }}
- name: POSTGRESQL_URI
  valueFrom:
    secretKeyRef:
      name: {{ include "houston.postgresqlName" . }}-app
      key: uri
- name: DATABASE_URL
  value: $(POSTGRESQL_URI)?sslmode=verify-full&sslrootcert=/etc/houston/postgresql/ca.crt
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "houston.volumeMounts" -}}
- name: config
  mountPath: /etc/houston/config.yaml
  subPath: config.yaml
  readOnly: true
- name: secrets
  mountPath: /etc/houston/secrets
  readOnly: true
{{- if .Values.postgresql.enabled }}
- name: postgresql
  mountPath: /etc/houston/postgresql
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Call with (list $ "name of the ConfigMap"). */}}
{{- define "houston.volumes" -}}
{{- $root := first . -}}
- name: config
  configMap:
    name: {{ last . }}
- name: secrets
  projected:
    defaultMode: 288 # 0440
    sources:
      {{- range $variable, $secret := fromJson (include "houston.secrets" $root) }}
      - secret:
          name: {{ $secret.name }}
          items:
            - key: {{ $secret.key }}
              path: {{ $variable }}
      {{- end }}
{{- if $root.Values.postgresql.enabled }}
- name: postgresql
  secret:
    secretName: {{ include "houston.postgresqlName" $root }}-ca
    defaultMode: 288 # 0440
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- with $root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What all pods have in common. */}}
{{- define "houston.podSpec" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- range $key, $id := pick .Values.securityContext "runAsUser" "runAsGroup" "fsGroup" }}
  {{- if not (kindIs "invalid" $id) }}
  {{ $key }}: {{ int64 $id }}
  {{- end }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What all containers have in common. */}}
{{- define "houston.container" -}}
image: {{ include "houston.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- with .Values.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
env: {{- include "houston.env" . | nindent 2 }}
{{- end -}}
