{{/*
The rollout handed to Argo Rollouts: while there is a canary, the pods' template is the canary's, and
the controller moves the weights of the HTTPRoute as far as the analysis lets it. Its plugin for the
Gateway API has to be installed (docs/charts.md).
*/}}
{{- define "service.argo" -}}
{{- $name := include "service.name" . -}}
{{- $of := dict
  "root" .
  "name" $name
  "version" (include "service.newestVersion" .)
  "image" (include "service.newestImage" .)
  "background" (include "service.besideBackground" .)
-}}
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  {{- include "service.metadata" $of | nindent 2 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  revisionHistoryLimit: 10
  # Back to what ran lately goes at once, without steps.
  rollbackWindow: { revisions: 3 }
  progressDeadlineSeconds: 600
  progressDeadlineAbort: true
  selector:
    matchLabels:
      {{- include "service.selector" $of | nindent 6 }}
  strategy:
    canary:
      stableService: {{ $name }}-stable
      canaryService: {{ $name }}-canary
      stableMetadata: { labels: { porttrack.io/track: stable } }
      canaryMetadata: { labels: { porttrack.io/track: canary } }
      trafficRouting:
        managedRoutes: [{ name: {{ $name }}-header }]
        plugins:
          argoproj-labs/gatewayAPI:
            namespace: {{ .Release.Namespace }}
            httpRoutes: [{ name: {{ $name }}, useHeaderRoutes: true }]
      steps:
        {{- range $index, $weight := .Values.rollout.steps }}
        - setWeight: {{ $weight }}
        {{- if eq $index 0 }}
        - setHeaderRoute:
            name: {{ $name }}-header
            match: [{ headerName: x-canary, headerValue: { exact: always } }]
        {{- end }}
        - pause: { duration: {{ $.Values.rollout.stepMinutes }}m }
        - analysis: { templates: [{ templateName: {{ $name }} }] }
        {{- end }}
  template:
    {{- include "service.podTemplate" $of | nindent 4 }}
---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  {{- include "service.metadata" (dict "root" . "name" $name) | nindent 2 }}
spec:
  metrics:
    {{- range include "service.analysis" . | fromYamlArray }}
    - name: {{ .name }}
      # No series, or none with a number, is no success.
      successCondition: {{ include "service.isGood" . }}
      failureLimit: 0
      # A Prometheus that is away for a moment.
      consecutiveErrorLimit: 3
      provider:
        prometheus:
          address: {{ $.Values.rollout.prometheus }}
          query: {{ .query | quote }}
    {{- end }}
{{- include "service.background" . }}
{{- end -}}

{{- define "service.isGood" -}}
len(result) == 1 && !isNaN(result[0])
{{- if hasKey . "min" }} && result[0] >= {{ .min }}{{ end }}
{{- if hasKey . "max" }} && result[0] <= {{ .max }}{{ end }}
{{- end -}}

{{/*
Consumers and jobs beside a controller that promotes the canary's own pods: those began with background
off and keep it, so it runs in pods of their own, with the stable image until the canary is promoted.
*/}}
{{- define "service.background" -}}
{{- if .Values.process.database }}
{{- $name := printf "%s-background" (include "service.name" .) }}
{{- $of := dict
  "root" .
  "name" $name
  "app" $name
  "labels" (dict "porttrack.io/track" "stable")
  "image" (include "service.stableImage" .)
  "background" "on"
}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "service.metadata" $of | nindent 2 }}
spec:
  replicas: {{ .Values.rollout.backgroundReplicas }}
  revisionHistoryLimit: 10
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "service.selector" $of | nindent 6 }}
  template:
    {{- include "service.podTemplate" $of | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Whether pods that are not the background's run it: where it has none of its own. */}}
{{- define "service.besideBackground" -}}
{{ ternary "off" "on" .Values.process.database }}
{{- end -}}
