{{/* What each object is called after. */}}
{{- define "service.name" -}}
{{ .Chart.Name }}
{{- end -}}

{{/*
The metadata of every object.
@param root, name; component: server, migration or test; app and version where they are not the process's;
labels and annotations, more of them
*/}}
{{- define "service.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "service.labels" . | nindent 2 }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Those of a pod too; without the chart's version, with which no pod need change. */}}
{{- define "service.labels" -}}
{{ include "service.selector" . }}
app.kubernetes.io/version: {{ .version | default .root.Values.image.tag | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/part-of: porttrack
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What the pods of one workload are selected by. */}}
{{- define "service.selector" -}}
app.kubernetes.io/name: {{ .app | default (include "service.name" .root) }}
{{ include "service.every" . }}
{{- end -}}

{{/*
What all pods of a process are selected by, whichever controller made them: Flagger gives its own
another app.kubernetes.io/name.
*/}}
{{- define "service.every" -}}
app.kubernetes.io/instance: {{ include "service.name" .root }}
app.kubernetes.io/component: {{ .component | default "server" }}
{{- end -}}

{{/* @param root; image with tag and digest */}}
{{- define "service.image" -}}
{{- $own := printf "%s/%s" .root.Values.image.registry (include "service.name" .root) -}}
{{ .root.Values.image.repository | default $own }}:{{ .image.tag }}{{ with .image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{- define "service.stableImage" -}}
{{ include "service.image" (dict "root" . "image" .Values.image) }}
{{- end -}}

{{/* The image that is newest here: the canary's, where there is one. */}}
{{- define "service.newestImage" -}}
{{- $image := ternary .Values.canary.image .Values.image .Values.canary.enabled -}}
{{ include "service.image" (dict "root" . "image" $image) }}
{{- end -}}

{{- define "service.newestVersion" -}}
{{ ternary .Values.canary.image.tag .Values.image.tag .Values.canary.enabled }}
{{- end -}}

{{/* "true" where an HTTPRoute divides the callers between stable and canary. */}}
{{- define "service.splitByRoute" -}}
{{- if or .Values.process.entrance (eq .Values.canary.split "route") }}true{{ end -}}
{{- end -}}

{{/* How processes reach each other. */}}
{{- define "service.scheme" -}}
{{ ternary "https" "http" (eq .Values.tls.mode "mutual") }}
{{- end -}}

{{/* How this one is reached: an entrance by a Gateway, in plain. */}}
{{- define "service.ownScheme" -}}
{{ ternary "http" (include "service.scheme" .) .Values.process.entrance }}
{{- end -}}
