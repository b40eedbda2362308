{{/* Two Deployments that differ by track, image and background. */}}
{{- define "service.native" -}}
{{- $stable := dict
  "root" .
  "name" (include "service.name" .)
  "labels" (dict "porttrack.io/track" "stable")
  "image" (include "service.stableImage" .)
  "background" "on"
  "replicas" .Values.replicas
-}}
{{- $canary := dict
  "root" .
  "name" (include "service.canaryName" .)
  "version" (include "service.newestVersion" .)
  "labels" (dict "porttrack.io/track" "canary")
  "image" (include "service.newestImage" .)
  "background" "off"
  "replicas" (include "service.canaryReplicas" .)
  "lingerSeconds" .Values.canary.lingerSeconds
-}}
{{ include "service.keptStable" . | default (include "service.deployment" $stable) }}
{{- if .Values.canary.enabled }}
---
{{ include "service.deployment" $canary }}
{{- end }}
{{- end -}}

{{/* The stable release's own manifests, where they are to stay as they are beside a canary. */}}
{{- define "service.keptStable" -}}
{{- if and (eq .Values.rollout.engine "native") .Values.canary.enabled -}}
{{ .Values.canary.stable }}
{{- end -}}
{{- end -}}

{{- define "service.canaryName" -}}
{{ include "service.name" . }}-canary
{{- end -}}

{{/* @param those of service.metadata and service.podTemplate; replicas where there is no autoscaling */}}
{{- define "service.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "service.metadata" . | nindent 2 }}
spec:
  {{- if not .root.Values.autoscaling.enabled }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 10
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "service.selector" . | nindent 6 }}
      {{- toYaml .labels | nindent 6 }}
  template:
    {{- include "service.podTemplate" . | nindent 4 }}
{{- end -}}
