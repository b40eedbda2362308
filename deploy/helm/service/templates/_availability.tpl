{{/* @param root, minReplicas; name and version of the workload where they are not the process's */}}
{{- define "service.autoscaler" -}}
{{- $name := .name | default (include "service.name" .root) -}}
{{- $autoscaling := .root.Values.autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "service.metadata" (merge (dict "name" $name) .) | nindent 2 }}
spec:
  scaleTargetRef:
    {{- if eq .root.Values.rollout.engine "argo" }}
    apiVersion: argoproj.io/v1alpha1
    kind: Rollout
    {{- else }}
    apiVersion: apps/v1
    kind: Deployment
    {{- end }}
    name: {{ $name }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ $autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ $autoscaling.cpuUtilization }} }
  behavior:
    scaleDown: { stabilizationWindowSeconds: 300 }
{{- end -}}

{{/*
As many pods as the canary's share of the callers asks for, beside the least that the stable release has:
one that is too small would fail for that alone.
*/}}
{{- define "service.canaryReplicas" -}}
{{- $stable := ternary .Values.autoscaling.minReplicas .Values.replicas .Values.autoscaling.enabled | int -}}
{{- $weight := int .Values.canary.weight -}}
{{- $share := divf (mul $stable $weight) (sub 100 $weight) | ceil -}}
{{ max (int .Values.canary.replicas) (int $share) }}
{{- end -}}

{{- define "service.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "service.metadata" (dict "root" . "name" (include "service.name" .)) | nindent 2 }}
spec:
  maxUnavailable: 1
  # What has failed anyway keeps no node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "service.every" (dict "root" .) | nindent 6 }}
{{- end -}}

{{/*
Its annotations may name the process, so that each has a role of its own.
@param those of service.metadata
*/}}
{{- define "service.serviceAccount" -}}
{{- $given := tpl (toYaml .root.Values.serviceAccount.annotations) .root | fromYaml -}}
{{- $annotations := merge dict (.annotations | default dict) $given -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "service.metadata" (merge (dict "annotations" $annotations) .) | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}
