{{/*
The template of a pod, the same for every controller.
@param root; image and its version; app where it is not the process's; labels, more of them;
background: "on" or "off"; lingerSeconds: before the process is told to stop
*/}}
{{- define "service.podTemplate" -}}
{{- $values := .root.Values -}}
{{- $linger := .lingerSeconds | default 0 | int -}}
metadata:
  labels:
    {{- include "service.labels" . | nindent 4 }}
spec:
  {{- include "service.podSecurity" .root | nindent 2 }}
  serviceAccountName: {{ include "service.name" .root }}
  # The process's own end after the draining, and a little more.
  terminationGracePeriodSeconds: {{ add $linger $values.drainSeconds 25 }}
  {{- with $values.scheduling.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.scheduling.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.scheduling.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "service.selector" $ | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  containers:
    - name: {{ include "service.name" .root }}
      image: {{ .image }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      {{- include "service.containerSecurity" .root | nindent 6 }}
      env:
        {{- include "service.env" . | nindent 8 }}
      ports:
        - name: api
          containerPort: 8080
        - name: management
          containerPort: 9090
        {{- range (include "service.receivers" .root | fromYaml).listens }}
        - name: {{ .name }}
          containerPort: {{ .port }}
          protocol: {{ .protocol }}
        {{- end }}
      startupProbe:
        httpGet: { path: /health/live, port: management }
        periodSeconds: 1
        timeoutSeconds: 5
        failureThreshold: 120
      livenessProbe:
        httpGet: { path: /health/live, port: management }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /health/ready, port: management }
        periodSeconds: 5
        # Its own check gives up after two.
        timeoutSeconds: 3
        failureThreshold: 2
      {{- if $linger }}
      lifecycle:
        preStop:
          sleep: { seconds: {{ $linger }} }
      {{- end }}
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      volumeMounts:
        {{- include "service.volumeMounts" .root | nindent 8 }}
  volumes:
    {{- include "service.volumes" .root | nindent 4 }}
{{- end -}}

{{- define "service.podSecurity" -}}
automountServiceAccountToken: false
# Variables named after Services would be taken for settings.
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "service.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{- define "service.env" -}}
{{- $values := .root.Values -}}
- name: HOST
  value: 0.0.0.0
- name: PORT
  value: '8080'
- name: MANAGEMENT_PORT
  value: '9090'
- name: BACKGROUND
  value: {{ .background | default "on" | quote }}
- name: DRAIN_SECONDS
  value: {{ $values.drainSeconds | quote }}
- name: INTERNAL_KEY_SET_FILE
  value: /run/secrets/porttrack/key-set.json
- name: TLS_MODE
  value: {{ $values.tls.mode | quote }}
{{- if eq $values.tls.mode "mutual" }}
- name: TLS_DIR
  value: /run/secrets/tls
- name: TLS_TRUST_DOMAIN
  value: {{ $values.tls.trustDomain | quote }}
{{- end }}
{{- if $values.process.entrance }}
- name: COGNITO_USER_POOL_ID
  value: {{ $values.cognito.userPoolId | quote }}
- name: COGNITO_CLIENT_IDS
  value: {{ join "," $values.cognito.clientIds | quote }}
- name: UPSTREAMS_DIR
  value: /etc/porttrack/upstreams.d
{{- end }}
{{- range $values.process.calls }}
- name: {{ upper . }}_URL
  value: {{ include "service.scheme" $.root }}://{{ . }}:8080
{{- end }}
{{- range $name, $value := include "service.settings" .root | fromYaml }}
- name: {{ $name }}
  value: {{ include "service.text" $value | quote }}
{{- end }}
{{- end -}}

{{/* A setting as a process reads it: numbers in full, which YAML would give as 1e+06. */}}
{{- define "service.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "service.volumeMounts" -}}
- name: secrets
  mountPath: /run/secrets/porttrack
  readOnly: true
{{- if eq .Values.tls.mode "mutual" }}
- name: tls
  mountPath: /run/secrets/tls
  readOnly: true
{{- end }}
{{- if .Values.process.entrance }}
- name: upstreams
  mountPath: /etc/porttrack/upstreams.d
  readOnly: true
{{- end }}
{{- end -}}

{{- define "service.volumes" -}}
- name: secrets
  secret:
    secretName: {{ include "service.secretName" . }}
    defaultMode: 288 # 0440
{{- if eq .Values.tls.mode "mutual" }}
- name: tls
  secret:
    secretName: {{ include "service.name" . }}-tls
    defaultMode: 288 # 0440
{{- end }}
{{- if .Values.process.entrance }}
- name: upstreams
  projected:
    defaultMode: 288 # 0440
    sources:
      {{- range .Values.process.calls }}
      # Each belongs to the chart of its service, which may not be there yet.
      - configMap:
          name: {{ . }}-upstreams
          optional: true
      {{- end }}
{{- end }}
{{- end -}}
