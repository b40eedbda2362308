{{/* `helm test`: every pod of the process is ready, and shows its metrics. */}}
{{- define "service.test" -}}
{{- $name := printf "%s-test" (include "service.name" .) -}}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation" -}}
{{- $of := dict "root" . "name" $name "component" "test" -}}
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
    - ports: [{ port: 9090, protocol: TCP }]
      to:
        {{- include "service.peer" (include "service.name" .) | nindent 8 }}
---
apiVersion: v1
kind: Pod
metadata:
  {{- include "service.metadata" (merge (dict "annotations" $hook) $of) | nindent 2 }}
spec:
  {{- include "service.podSecurity" . | nindent 2 }}
  restartPolicy: Never
  activeDeadlineSeconds: 120
  containers:
    - name: test
      image: {{ include "service.stableImage" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: [/nodejs/bin/node, --input-type=module, --eval]
      args:
        - |
          import { lookup } from 'node:dns/promises'
          const pods = await lookup('{{ include "service.name" . }}-metrics', { all: true })
          for (const { address, family } of pods) {
            const host = family === 6 ? `[${address}]` : address
            for (const path of ['/health/ready', '/metrics']) {
              const { status } = await fetch(`http://${host}:9090${path}`)
              process.stdout.write(`${host}${path}: ${status}\n`)
              if (status !== 200) process.exitCode = 1
            }
          }
      {{- include "service.containerSecurity" . | nindent 6 }}
      resources:
        requests: { cpu: 50m, memory: 64Mi }
        limits: { cpu: 500m, memory: 128Mi }
{{- end -}}
