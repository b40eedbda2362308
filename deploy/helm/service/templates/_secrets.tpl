{{/*
The process's secrets, each a file of its name, and the public keys of all processes beside them.
With External Secrets each process reads the store as itself, and no more than what is its own.
*/}}
{{- define "service.secretName" -}}
{{- if eq .Values.secrets.source "existing" }}{{ .Values.secrets.name }}{{ else }}{{ include "service.name" . }}-secrets{{ end -}}
{{- end -}}

{{- define "service.secrets" -}}
{{- $names := concat .Values.process.secrets .Values.secrets.more (list "key-set.json") -}}
{{ include "service.secretsOf" (dict "root" . "name" (include "service.name" .) "names" $names) }}
{{- end -}}

{{/*
@param root, name of the account and before "-secrets", names of the files; component and annotations of
the objects
*/}}
{{- define "service.secretsOf" -}}
{{- $secrets := .root.Values.secrets -}}
{{- if eq $secrets.source "plain" }}
apiVersion: v1
kind: Secret
metadata:
  {{- $annotations := merge (dict) (.annotations | default dict) (include "service.noRollout" . | fromYaml) }}
  {{- include "service.metadata" (merge (dict "name" (printf "%s-secrets" .name) "annotations" $annotations) .) | nindent 2 }}
type: Opaque
stringData:
  {{- range .names }}
  {{ . }}: {{ required (printf "secrets.plain.%s is missing, which secrets.source plain needs" .) (get $secrets.plain .) | quote }}
  {{- end }}
{{- else if eq $secrets.source "external" }}
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata:
  {{- include "service.metadata" . | nindent 2 }}
spec:
  provider:
    {{- include "service.storeProvider" . | nindent 4 }}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  {{- include "service.metadata" (merge (dict "name" (printf "%s-secrets" .name)) .) | nindent 2 }}
spec:
  refreshInterval: {{ $secrets.refreshInterval }}
  secretStoreRef: { kind: SecretStore, name: {{ .name }} }
  target:
    name: {{ .name }}-secrets
    creationPolicy: Owner
    # A store that has lost a secret takes it from no process.
    deletionPolicy: Retain
    template:
      mergePolicy: Merge
      metadata:
        annotations:
          {{- include "service.noRollout" . | nindent 10 }}
      {{- if and $secrets.database.host (has "DATABASE_URL" .names) }}
      data:
        DATABASE_URL: {{ include "service.databaseUrl" .root | quote }}
      {{- end }}
  data:
    {{- range .names }}
    {{- $stored := ternary "DB_PASSWORD" . (and (eq . "DATABASE_URL") (ne $secrets.database.host "")) }}
    - secretKey: {{ $stored }}
      remoteRef:
        {{- include "service.remoteRef" (dict "root" $.root "name" $stored) | nindent 8 }}
    {{- end }}
{{- end }}
{{- end -}}

{{/*
Secrets and splits change beneath the processes, which watch their files. Flagger would take a change for
a release, and give the promoted pods a copy that stays behind.
*/}}
{{- define "service.noRollout" -}}
flagger.app/config-tracking: disabled
{{- end -}}

{{/* Filled in by External Secrets, from the password in the store. */}}
{{- define "service.databaseUrl" -}}
{{- $name := include "service.name" . -}}
{{- $database := .Values.secrets.database -}}
postgresql://{{ $name }}:{{ "{{ .DB_PASSWORD | urlquery }}" }}@{{ $database.host }}:{{ $database.port }}/{{ $name }}{{ with $database.parameters }}?{{ . }}{{ end }}
{{- end -}}

{{- define "service.storeProvider" -}}
{{- $store := .root.Values.secrets.store -}}
{{- if eq $store.provider "aws" -}}
aws:
  service: SecretsManager
  region: {{ $store.aws.region }}
  auth:
    jwt:
      serviceAccountRef: { name: {{ .name }} }
{{- else if eq $store.provider "vault" -}}
vault:
  server: {{ $store.vault.server }}
  path: {{ $store.vault.path }}
  version: v2
  auth:
    kubernetes:
      mountPath: {{ $store.vault.mountPath }}
      role: {{ $store.vault.role | default (include "service.name" .root) }}
      serviceAccountRef: { name: {{ .name }} }
{{- else if eq $store.provider "kubernetes" -}}
kubernetes:
  remoteNamespace: {{ .root.Release.Namespace }}
  server:
    caProvider: { type: ConfigMap, name: kube-root-ca.crt, key: ca.crt }
  auth:
    serviceAccount: { name: {{ .name }} }
{{- else -}}
fake:
  data:
    {{- toYaml $store.fake.data | nindent 4 }}
{{- end -}}
{{- end -}}

{{/*
Where the store has a secret. Of a store of Kubernetes all are in one, the database's password once for
every service; of the others each process has a folder, and "shared" is everybody's.
*/}}
{{- define "service.remoteRef" -}}
{{- $secrets := .root.Values.secrets -}}
{{- $process := include "service.name" .root -}}
{{- $property := ternary "KEY_SET" .name (eq .name "key-set.json") -}}
{{- $folder := ternary "shared" $process (eq .name "key-set.json") -}}
{{- if eq $secrets.store.provider "kubernetes" -}}
key: {{ $secrets.store.kubernetes.secret }}
property: {{ ternary $property (printf "%s_%s" (upper $process) $property) (has $property (list "KEY_SET" "DB_PASSWORD")) }}
{{- else if eq $secrets.store.provider "fake" -}}
key: {{ $secrets.prefix }}/{{ $folder }}/{{ $property }}
{{- else -}}
key: {{ $secrets.prefix }}/{{ $folder }}
property: {{ $property }}
{{- end -}}
{{- end -}}

{{/* What a store of Kubernetes lets the process's account read. */}}
{{- define "service.storeAccess" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "service.metadata" . | nindent 2 }}
rules:
  - apiGroups: ['']
    resources: [secrets]
    resourceNames: [{{ .root.Values.secrets.store.kubernetes.secret }}]
    verbs: [get]
  - apiGroups: [authorization.k8s.io]
    resources: [selfsubjectrulesreviews]
    verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "service.metadata" . | nindent 2 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }} }
subjects:
  - { kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }} }
{{- end -}}

{{/* The certificate by which the process is known to the others: docs/adr/0013. */}}
{{- define "service.certificate" -}}
{{- $name := include "service.name" . -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "service.metadata" (dict "root" . "name" (printf "%s-tls" $name)) | nindent 2 }}
spec:
  secretName: {{ $name }}-tls
  secretTemplate:
    annotations:
      {{- include "service.noRollout" . | nindent 6 }}
  uris: ['spiffe://{{ .Values.tls.trustDomain }}/{{ $name }}']
  usages: [digital signature, server auth, client auth]
  duration: {{ .Values.tls.duration }}
  renewBefore: {{ .Values.tls.renewBefore }}
  privateKey: { algorithm: ECDSA, size: 256, rotationPolicy: Always }
  issuerRef:
    {{- toYaml .Values.tls.issuer | nindent 4 }}
{{- end -}}
