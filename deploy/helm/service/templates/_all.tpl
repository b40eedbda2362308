{{/* Everything that a process consists of. */}}
{{- define "service.all" -}}
{{- $values := .Values -}}
{{- if ne .Release.Name .Chart.Name }}
{{- fail (printf "the release must be called %s, the name by which the other processes know it: helm upgrade --install %s …" .Chart.Name .Chart.Name) }}
{{- end }}
{{- with $values.autoscaling }}
{{- if and .enabled (lt (int .maxReplicas) (int .minReplicas)) }}
{{- fail (printf "autoscaling.maxReplicas, %v, is less than autoscaling.minReplicas, %v" .maxReplicas .minReplicas) }}
{{- end }}
{{- end -}}
{{ include "service.serviceAccount" (dict "root" . "name" (include "service.name" .)) }}
{{- if ne $values.secrets.source "existing" }}
---
{{ include "service.secrets" . }}
{{- if and (eq $values.secrets.source "external") (eq $values.secrets.store.provider "kubernetes") }}
---
{{ include "service.storeAccess" (dict "root" . "name" (include "service.name" .)) }}
{{- end }}
{{- end }}
{{- if eq $values.tls.mode "mutual" }}
---
{{ include "service.certificate" . }}
{{- end }}
{{- if $values.process.database }}
---
{{ include "service.migration" . }}
{{- end }}
---
{{ include (printf "service.%s" $values.rollout.engine) . }}
---
{{ include "service.services" . }}
{{- include "service.receiverServices" . }}
{{- if not $values.process.entrance }}
---
{{ include "service.upstreams" . }}
{{- end }}
{{- if and (include "service.splitByRoute" .) (ne $values.rollout.engine "flagger") }}
---
{{ include "service.route" . }}
{{- end }}
{{- if $values.autoscaling.enabled }}
{{- if not (include "service.keptStable" .) }}
---
{{ include "service.autoscaler" (dict "root" . "minReplicas" $values.autoscaling.minReplicas) }}
{{- end }}
{{- if and (eq $values.rollout.engine "native") $values.canary.enabled }}
---
{{- $canary := dict
  "root" .
  "name" (include "service.canaryName" .)
  "version" (include "service.newestVersion" .)
  "minReplicas" (include "service.canaryReplicas" .)
}}
{{ include "service.autoscaler" $canary }}
{{- end }}
{{- end }}
---
{{ include "service.disruptionBudget" . }}
---
{{ include "service.networkPolicy" . }}
{{- if $values.monitoring.enabled }}
---
{{ include "service.monitor" . }}
---
{{ include "service.rules" . }}
{{- end }}
---
{{ include "service.test" . }}
{{- end -}}
