{{/* Nothing in or out but what is named here. */}}
{{- define "service.networkPolicy" -}}
{{- $network := .Values.network -}}
{{- $process := .Values.process -}}
{{- $receivers := include "service.receivers" . | fromYaml -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "service.metadata" (dict "root" . "name" (include "service.name" .)) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "service.every" (dict "root" .) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- if or $process.calledBy (and $process.entrance $network.ingress) }}
    - ports: [{ port: 8080, protocol: TCP }]
      from:
        {{- range $process.calledBy }}
        {{- include "service.peer" . | nindent 8 }}
        {{- end }}
        {{- if $process.entrance }}
        {{- toYaml $network.ingress | nindent 8 }}
        {{- end }}
    {{- end }}
    - ports: [{ port: 9090, protocol: TCP }]
      from:
        - podSelector:
            matchLabels:
              {{- include "service.every" (dict "root" . "component" "test") | nindent 14 }}
        {{- with $network.monitoring }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with $receivers.listens }}
    - ports:
        {{- range . }}
        - { port: {{ .port }}, protocol: {{ .protocol }} }
        {{- end }}
      from:
        {{- toYaml $network.receivers | nindent 8 }}
    {{- end }}
  egress:
    {{- include "service.egressToNames" . | nindent 4 }}
    {{- with $process.calls }}
    - ports: [{ port: 8080, protocol: TCP }]
      to:
        {{- range . }}
        {{- include "service.peer" . | nindent 8 }}
        {{- end }}
    {{- end }}
    {{- if $process.database }}
    {{- include "service.egressToDatabase" . | nindent 4 }}
    {{- end }}
    {{- with $network.telemetry }}
    - ports: [{ port: 4318, protocol: TCP }]
      to:
        {{- toYaml . | nindent 8 }}
    {{- end }}
    {{- if and $process.entrance $network.store }}
    - ports: [{ port: 6379, protocol: TCP }]
      to:
        {{- toYaml $network.store | nindent 8 }}
    {{- end }}
    {{- with $receivers.connects }}
    - ports:
        {{- range . }}
        - { port: {{ . }}, protocol: TCP }
        {{- end }}
      to:
        {{- toYaml $network.stations | nindent 8 }}
    {{- end }}
    # Webhooks go out from a service, and the gateway fetches the user pool's keys; both from public
    # addresses alone.
    - ports: [{ port: 443, protocol: TCP }]
      to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
        - ipBlock:
            cidr: ::/0
            except: ['fc00::/7', 'fe80::/10']
    {{- with $network.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* The pods of a process in this namespace. */}}
{{- define "service.peer" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/instance: {{ . }}
      app.kubernetes.io/component: server
{{- end -}}

{{- define "service.egressToNames" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
  to:
    - namespaceSelector:
        matchLabels: { kubernetes.io/metadata.name: kube-system }
      podSelector:
        matchLabels: { k8s-app: kube-dns }
{{- end -}}

{{- define "service.egressToDatabase" -}}
- ports: [{ port: {{ .Values.network.databasePort }}, protocol: TCP }]
  to:
    {{- toYaml .Values.network.database | nindent 4 }}
{{- end -}}
