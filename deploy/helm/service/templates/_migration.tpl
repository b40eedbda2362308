{{/*
Brings the database up to date with the newest image before anything else changes. It has an account and
secrets of its own, which exist before the release's do, and knows nothing but the database's URL.
*/}}
{{- define "service.migration" -}}
{{- $name := printf "%s-migration" (include "service.name" .) -}}
{{- $before := dict
  "helm.sh/hook" "pre-install,pre-upgrade"
  "helm.sh/hook-weight" "-10"
  "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded"
-}}
{{- $then := dict
  "helm.sh/hook" "pre-install,pre-upgrade"
  "helm.sh/hook-weight" "0"
  "helm.sh/hook-delete-policy" "before-hook-creation"
-}}
{{- $of := dict
  "root" .
  "name" $name
  "component" "migration"
  "version" (include "service.newestVersion" .)
  "names" (list "DATABASE_URL")
  "annotations" $before
-}}
{{- $existing := eq .Values.secrets.source "existing" -}}
{{ include "service.serviceAccount" $of }}
---
{{- if not $existing }}
{{- if and (eq .Values.secrets.source "external") (eq .Values.secrets.store.provider "kubernetes") }}
{{ include "service.storeAccess" $of }}
---
{{- end }}
{{ include "service.secretsOf" $of }}
---
{{- end }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "service.metadata" $of | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "service.every" $of | nindent 6 }}
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "service.egressToNames" . | nindent 4 }}
    {{- include "service.egressToDatabase" . | nindent 4 }}
---
apiVersion: batch/v1
kind: Job
metadata:
  # One that has failed stays to be looked at.
  {{- include "service.metadata" (merge (dict "annotations" $then) $of) | nindent 2 }}
spec:
  # A database that is away for a moment; a migration that fails does so each time.
  backoffLimit: 3
  activeDeadlineSeconds: {{ .Values.migrations.timeoutSeconds }}
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels:
        {{- include "service.labels" $of | nindent 8 }}
    spec:
      {{- include "service.podSecurity" . | nindent 6 }}
      serviceAccountName: {{ $name }}
      restartPolicy: Never
      containers:
        - name: migration
          image: {{ include "service.newestImage" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: [migrate]
          {{- include "service.containerSecurity" . | nindent 10 }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - { name: secrets, mountPath: /run/secrets/porttrack, readOnly: true }
      volumes:
        - name: secrets
          secret:
            secretName: {{ ternary .Values.secrets.name (printf "%s-secrets" $name) $existing }}
            defaultMode: 288 # 0440
            items: [{ key: DATABASE_URL, path: DATABASE_URL }]
{{- end -}}
