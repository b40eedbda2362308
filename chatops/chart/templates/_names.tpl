{{- define "chatops.labels" -}}
app.kubernetes.io/name: chatops
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: porttrack
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "chatops.selector" -}}
app.kubernetes.io/name: chatops
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
