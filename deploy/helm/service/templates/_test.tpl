{{/*
`helm test`: every pod of the process is ready, and shows its metrics. Looks until that is so: after an
upgrade the names still bring pods that are on their way out, which are not ready any more.
*/}}
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
  # Its own patience, and time to be started.
  activeDeadlineSeconds: 280
  containers:
    - name: test
      image: {{ include "service.stableImage" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      env:
        - { name: TARGET, value: {{ include "service.name" . }}-metrics }
        - { name: MANAGEMENT_PORT, value: '9090' }
        - { name: PATIENCE_SECONDS, value: '240' }
      command: [/nodejs/bin/node, --input-type=module, --eval]
      args:
        - |
          import { lookup } from 'node:dns/promises'
          import { setTimeout as sleep } from 'node:timers/promises'
          const { TARGET, MANAGEMENT_PORT, PATIENCE_SECONDS } = process.env
          const ask = async (url) => {
            try {
              const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
              await response.body?.cancel()
              return response.status
            } catch (error) {
              return error.cause?.message ?? error.message
            }
          }
          const look = async () => {
            const pods = await lookup(TARGET, { all: true }).catch(() => [])
            const hosts = pods.map(({ address, family }) => (family === 6 ? `[${address}]` : address))
            const urls = hosts.flatMap((host) =>
              ['/health/ready', '/metrics'].map((path) => `http://${host}:${MANAGEMENT_PORT}${path}`),
            )
            return await Promise.all(urls.map(async (url) => ({ url, answer: await ask(url) })))
          }
          const end = Date.now() + PATIENCE_SECONDS * 1_000
          let seen = await look()
          const good = () => seen.length > 0 && seen.every(({ answer }) => answer === 200)
          while (!good() && Date.now() < end) {
            await sleep(2_000)
            seen = await look()
          }
          for (const { url, answer } of seen) process.stdout.write(`${url}: ${answer}\n`)
          if (seen.length === 0) process.stdout.write(`${TARGET} has no pods\n`)
          process.exitCode = good() ? 0 : 1
      {{- include "service.containerSecurity" . | nindent 6 }}
      resources:
        requests: { cpu: 50m, memory: 64Mi }
        limits: { cpu: 500m, memory: 128Mi }
{{- end -}}
