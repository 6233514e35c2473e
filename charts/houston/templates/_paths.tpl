{{/*
The paths that clients use, as JSON: [{"path": "/v1", "exact": true}, …]. They are listed one by one, because an Ingress
cannot take out single paths: probes, /v1/alerts and whatever else there may be stay inside the cluster.
*/}}
{{- define "houston.paths" -}}
{{- $endpoint := default "/v1" (include "houston.configAt" (list $ "webserver.endpoint")) -}}
{{- $base := trimSuffix "/" $endpoint -}}
{{- $exact := list "/" (default "/" $base) (printf "%s/" $base) -}}
{{- $prefixes := list
  (default "/alpha" (include "houston.configAt" (list $ "webserver.alphaEndpoint")))
  (default "/ws" (include "houston.configAt" (list $ "webserver.subscriptions")))
  "/app"
  "/platform/v1beta1"
-}}
{{- range list "logout" "audit-log" -}}
{{- $exact = append $exact (printf "%s/%s" $base .) -}}
{{- end -}}
{{- range list "playground" "authorization" "registry" "oauth" "scim" ".well-known" -}}
{{- $prefixes = append $prefixes (printf "%s/%s" $base .) -}}
{{- end -}}
{{- /* The pages at the host <ui.subdomain>.<helm.baseDomain>, with which Houston answers there only. */ -}}
{{- range list "login" "signup" "sign-out" "confirm-email" "forgot-password" "reset-password" "token" "account" -}}
{{- $exact = append $exact (printf "/%s" .) -}}
{{- end -}}
{{- $paths := list -}}
{{- range uniq $exact -}}
{{- $paths = append $paths (dict "path" . "exact" true) -}}
{{- end -}}
{{- range uniq $prefixes -}}
{{- $paths = append $paths (dict "path" . "exact" false) -}}
{{- end -}}
{{- toJson $paths -}}
{{- end -}}
