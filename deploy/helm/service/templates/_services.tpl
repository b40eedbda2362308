{{/*
The process by its name, each track by its own, and all of its pods for their metrics. The canary's is
there without a canary too: while one lingers, it must still be found.
*/}}
{{- define "service.services" -}}
{{- $name := include "service.name" . -}}
{{- if ne .Values.rollout.engine "flagger" }}
{{- range $suffix, $track := dict "" "stable" "-stable" "stable" "-canary" "canary" }}
{{- /* Argo Rollouts chooses the pods of each track by itself. */}}
{{- $selector := ternary (dict "porttrack.io/track" $track) dict (eq $.Values.rollout.engine "native") }}
{{ include "service.service" (dict "root" $ "name" (print $name $suffix) "selector" $selector) }}
---
{{- end }}
{{- end }}
apiVersion: v1
kind: Service
metadata:
  {{- $labels := dict "porttrack.io/endpoints" "metrics" }}
  {{- include "service.metadata" (dict "root" . "name" (print $name "-metrics") "labels" $labels) | nindent 2 }}
spec:
  type: ClusterIP
  clusterIP: None
  # What is not ready is what one wants to see.
  publishNotReadyAddresses: true
  selector:
    {{- include "service.every" (dict "root" .) | nindent 4 }}
  ports:
    - name: management
      port: 9090
      targetPort: management
{{- end -}}

{{- define "service.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "service.metadata" (dict "root" .root "name" .name) | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "service.selector" (dict "root" .root) | nindent 4 }}
    {{- with .selector }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    - name: api
      port: 8080
      targetPort: api
      appProtocol: {{ include "service.ownScheme" .root }}
{{- end -}}
