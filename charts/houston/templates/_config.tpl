{{/* The value at a path such as "webserver.endpoint" of config; empty if there is none. Call with (list $ "path"). */}}
{{- define "houston.configAt" -}}
{{- $value := (first .).Values.config -}}
{{- range splitList "." (last .) -}}
{{- $value = kindIs "map" $value | ternary (get (kindIs "map" $value | ternary $value dict) .) "" -}}
{{- end -}}
{{- if not (kindIs "invalid" $value) }}{{ kindIs "string" $value | ternary $value (toJson $value) }}{{ end -}}
{{- end -}}

{{/* Fails for settings that do not belong in config: secrets, and what the chart sets itself. */}}
{{- define "houston.checkConfig" -}}
{{- $instead := dict
  "astronomer" "config itself: write webserver, not astronomer.houston.config.webserver"
  "provisioner" "provisioning.enabled"
  "kubernetes.kubeconfig" "provisioning.kubeconfig"
  "kubernetes.namespaced" "provisioning.scope"
  "webserver.host" "nothing: the chart needs the default"
  "webserver.port" "service.port; in the pod it is 8871"
  "webserver.operationsPort" "nothing: the chart needs the default, 8872"
  "database.url" "secrets.databaseUrl"
  "database.dataFolder" "nothing: the chart needs the default"
  "jwt.secret" "secrets.jwtSecret"
  "encryption.keys" "secrets.encryptionKeys"
  "email.smtpUrl" "secrets.smtpUrl"
  "email.smtp.auth.pass" "secrets.others.EMAIL__SMTP__AUTH__PASS"
  "auth.setupToken" "secrets.others.AUTH__SETUP_TOKEN"
  "auth.github.clientSecret" "secrets.others.AUTH__GITHUB__CLIENT_SECRET"
  "registry.authHeader" "secrets.others.REGISTRY__AUTH_HEADER"
  "alertmanager.authHeader" "secrets.others.ALERTMANAGER__AUTH_HEADER"
  "deployments.database.connection.password" "secrets.others.DEPLOYMENTS__DATABASE__CONNECTION__PASSWORD"
  "deployments.databaseManagement.database.connection.password" "secrets.others.DEPLOYMENTS__DATABASE__CONNECTION__PASSWORD"
  "deployments.loggingSidecar.extraEnv" "secrets.others.DEPLOYMENTS__LOGGING_SIDECAR__EXTRA_ENV"
  "deployments.logging.loggingSidecar.extraEnv" "secrets.others.DEPLOYMENTS__LOGGING_SIDECAR__EXTRA_ENV"
-}}
{{- range $path, $other := $instead -}}
{{- if include "houston.configAt" (list $ $path) -}}
{{- fail (printf "config.%s does not belong in config; set %s" $path $other) -}}
{{- end -}}
{{- end -}}
{{- range $provider, $_ := fromJson (default "{}" (include "houston.configAt" (list $ "auth.openidConnect"))) -}}
{{- range $secret := list "clientSecret" "scimAuthCode" -}}
{{- $path := printf "auth.openidConnect.%s.%s" $provider $secret -}}
{{- if include "houston.configAt" (list $ $path) -}}
{{- fail (printf "config.%s does not belong in config; set secrets.others.%s" $path (printf "AUTH__OPENID_CONNECT__%s__%s" (snakecase $provider | upper) (snakecase $secret | upper))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if contains "@" (include "houston.configAt" (list $ "elasticsearch.client.node")) -}}
{{- fail "config.elasticsearch.client.node with a password does not belong in config; set secrets.others.ELASTICSEARCH__CLIENT__NODE" -}}
{{- end -}}
{{- end -}}

{{/* config.yaml: the values of the operator over what the chart concludes from other values. */}}
{{- define "houston.config" -}}
{{- include "houston.checkConfig" . -}}
{{- $config := dict "helm" (dict "releaseName" .Release.Name "releaseNamespace" .Release.Namespace) -}}
{{- if .Values.secrets.smtpUrl.name -}}
{{- $_ := set $config "email" (dict "enabled" true) -}}
{{- end -}}
{{- if .Values.provisioning.enabled -}}
{{- $_ := set $config "provisioner" "flux" -}}
{{- if eq .Values.provisioning.scope "namespaces" -}}
{{- $_ := set $config "kubernetes" (dict "namespaced" true) -}}
{{- $_ := set $config "deployments" (dict "manualNamespaceNames" true "preCreatedNamespaces" .Values.provisioning.namespaces) -}}
{{- end -}}
{{- end -}}
{{- toYaml (mergeOverwrite $config (deepCopy .Values.config)) -}}
{{- end -}}
