{{/*
Metrics of every pod, with the track that it serves. A metric's own labels win: the gateway's say which
track a request went to.
*/}}
{{- define "service.monitor" -}}
{{- $name := include "service.name" . -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "service.metadata" (dict "root" . "name" $name "labels" .Values.monitoring.labels) | nindent 2 }}
spec:
  jobLabel: app.kubernetes.io/instance
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ $name }}
      porttrack.io/endpoints: metrics
  endpoints:
    - port: management
      path: /metrics
      interval: {{ .Values.monitoring.interval }}
      honorLabels: true
      relabelings:
        - action: replace
          targetLabel: service
          replacement: {{ $name }}
        {{- if eq .Values.rollout.engine "flagger" }}
        # Flagger tells its pods apart by their names alone.
        - action: replace
          sourceLabels: [__meta_kubernetes_pod_name]
          regex: {{ $name }}-(?:primary|background)-.*
          targetLabel: track
          replacement: stable
        - action: replace
          sourceLabels: [track]
          regex: ''
          targetLabel: track
          replacement: canary
        {{- else }}
        - action: replace
          sourceLabels: [__meta_kubernetes_pod_label_porttrack_io_track]
          targetLabel: track
        {{- end }}
{{- end -}}

{{/* What only the chart knows of. Objectives and what a process says of itself have rules of their own. */}}
{{- define "service.rules" -}}
{{- $name := include "service.name" . -}}
{{- $pods := printf "namespace=%q, pod=~\"%s-.*\", container=%q" .Release.Namespace $name $name -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  {{- include "service.metadata" (dict "root" . "name" $name "labels" .Values.monitoring.labels) | nindent 2 }}
spec:
  groups:
    - name: {{ $name }}.pods
      rules:
        # absent(): no pod at all makes no series that could be zero.
        - alert: PortTrackUnreachable
          expr: sum(up{job="{{ $name }}", namespace="{{ .Release.Namespace }}"}) == 0 or absent(up{job="{{ $name }}", namespace="{{ .Release.Namespace }}"})
          for: 2m
          labels: { severity: page, service: {{ $name }} }
          annotations:
            summary: No pod of {{ $name }} shows its metrics
            description: Either none runs, or Prometheus reaches none.
            runbook_url: {{ .Values.monitoring.runbooks }}/pods.md#unreachable
        - alert: PortTrackPodRestarting
          expr: increase(kube_pod_container_status_restarts_total{ {{- $pods -}} }[15m]) > 2
          for: 5m
          labels: { severity: ticket, service: {{ $name }} }
          annotations:
            summary: A pod of {{ $name }} restarts again and again
            description: {{ print "{{ $labels.pod }} restarted {{ $value | printf \"%.0f\" }} times in 15 minutes." | quote }}
            runbook_url: {{ .Values.monitoring.runbooks }}/pods.md#restarting
        {{- if and (eq .Values.rollout.engine "native") .Values.canary.enabled }}
        # A release takes an hour and a half at most, and takes its canary away whatever happens.
        - alert: PortTrackCanaryForgotten
          expr: time() - kube_deployment_created{namespace="{{ .Release.Namespace }}", deployment="{{ $name }}-canary"} > 3 * 3600
          for: 5m
          labels: { severity: ticket, service: {{ $name }} }
          annotations:
            summary: A canary of {{ $name }} has been there for three hours
            description: It was neither promoted nor taken back. `release reconcile` takes it back.
            runbook_url: {{ .Values.monitoring.runbooks }}/rollback.md#by-hand
        {{- end }}
{{- end -}}
