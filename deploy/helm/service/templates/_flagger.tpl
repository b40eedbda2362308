{{/*
The rollout handed to Flagger: the Deployment is the canary's, of which the controller keeps a promoted
copy, <service>-primary. Services and HTTPRoute are the controller's own.
*/}}
{{- define "service.flagger" -}}
{{- $name := include "service.name" . -}}
{{- $of := dict
  "root" .
  "name" $name
  "version" (include "service.newestVersion" .)
  "image" (include "service.newestImage" .)
  "background" (include "service.besideBackground" .)
-}}
{{- $interval := printf "%vm" .Values.rollout.stepMinutes -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "service.metadata" $of | nindent 2 }}
spec:
  # Without replicas, which the controller sets to none between releases.
  revisionHistoryLimit: 10
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "service.selector" $of | nindent 6 }}
  template:
    {{- include "service.podTemplate" $of | nindent 4 }}
---
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  {{- include "service.metadata" $of | nindent 2 }}
spec:
  provider: gatewayapi:v1
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ $name }} }
  {{- if .Values.autoscaling.enabled }}
  autoscalerRef: { apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: {{ $name }} }
  {{- end }}
  progressDeadlineSeconds: 600
  service:
    port: 8080
    targetPort: api
    portName: api
    appProtocol: {{ include "service.ownScheme" . }}
    gatewayRefs:
      {{- include "service.parents" . | nindent 6 }}
    {{- if and .Values.process.entrance .Values.route.hostnames }}
    hosts:
      {{- toYaml .Values.route.hostnames | nindent 6 }}
    {{- end }}
  analysis:
    interval: {{ $interval }}
    # The first check that fails takes the canary back; so does one without a number.
    threshold: 1
    stepWeights:
      {{- toYaml .Values.rollout.steps | nindent 6 }}
    metrics:
      {{- range include "service.analysis" . | fromYamlArray }}
      - name: {{ .name }}
        interval: {{ $interval }}
        templateRef: { name: {{ $name }}-{{ .name }} }
        thresholdRange:
          {{- pick . "min" "max" | toYaml | nindent 10 }}
      {{- end }}
{{- range include "service.analysis" . | fromYamlArray }}
---
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata:
  {{- include "service.metadata" (dict "root" $ "name" (printf "%s-%s" $name .name)) | nindent 2 }}
spec:
  provider:
    type: prometheus
    address: {{ $.Values.rollout.prometheus }}
  query: {{ .query | quote }}
{{- end }}
{{- include "service.background" . }}
{{- end -}}
