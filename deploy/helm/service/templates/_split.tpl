{{/*
What the gateway reads of a service's split. It belongs to the service's own chart, so that taking back
the release takes back the weight.
*/}}
{{- define "service.upstreams" -}}
{{- $name := include "service.name" . -}}
{{- $scheme := include "service.scheme" . -}}
{{- $split := dict "stable" (printf "%s://%s:8080" $scheme $name) "canary" nil "weight" 0 -}}
{{- if not (include "service.splitByRoute" .) }}
{{- $_ := set $split "stable" (printf "%s://%s-stable:8080" $scheme $name) }}
{{- if .Values.canary.enabled }}
{{- $_ := set $split "canary" (printf "%s://%s-canary:8080" $scheme $name) }}
{{- $_ := set $split "weight" .Values.canary.weight }}
{{- end }}
{{- end -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- $annotations := include "service.noRollout" . | fromYaml }}
  {{- include "service.metadata" (dict "root" . "name" (print $name "-upstreams") "annotations" $annotations) | nindent 2 }}
data:
  {{ $name }}.json: {{ toJson $split | quote }}
{{- end -}}

{{/*
The split by the Gateway API: of the entrance below the Gateways that it is reached by, of a service
below its own Service, for a mesh. Argo Rollouts moves the weights by itself, and adds the header's rule.
*/}}
{{- define "service.route" -}}
{{- $name := include "service.name" . -}}
{{- $native := eq .Values.rollout.engine "native" -}}
{{- $canary := and $native .Values.canary.enabled -}}
{{- $weight := ternary (int .Values.canary.weight) 0 $canary -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  {{- include "service.metadata" (dict "root" . "name" $name) | nindent 2 }}
spec:
  parentRefs:
    {{- include "service.parents" . | nindent 4 }}
  {{- if .Values.process.entrance }}
  {{- with .Values.route.hostnames }}
  hostnames:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  rules:
    {{- if $canary }}
    - matches:
        - headers: [{ name: x-canary, value: always }]
      backendRefs:
        - { name: {{ $name }}-canary, port: 8080 }
    {{- end }}
    - backendRefs:
        - { name: {{ $name }}-stable, port: 8080, weight: {{ sub 100 $weight }} }
        - { name: {{ $name }}-canary, port: 8080, weight: {{ $weight }} }
{{- end -}}

{{- define "service.parents" -}}
{{- if .Values.process.entrance -}}
{{- toYaml .Values.route.parentRefs }}
{{- else -}}
- group: ''
  kind: Service
  name: {{ include "service.name" . }}
  port: 8080
{{- end -}}
{{- end -}}
