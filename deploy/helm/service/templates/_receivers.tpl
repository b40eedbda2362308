{{/*
What a process hears beside its API, by the setting that `process.receivers` names, such as
`roof=udp://0.0.0.0:10110,hub=tcp-listen://0.0.0.0:10111,north=tcp://ais.example.org:5631`.
A YAML object: `listens`, ports with name and protocol; `connects`, ports of stations.
*/}}
{{- define "service.receivers" -}}
{{- $listens := list -}}
{{- $connects := list -}}
{{- with .Values.process.receivers }}
{{- $setting := . }}
{{- range splitList "," (index (include "service.settings" $ | fromYaml) . | default "") }}
{{- $entry := trim . }}
{{- if $entry }}
{{- $kind := regexReplaceAll "^[^=]*=([^:]*)://.*$" $entry "${1}" | lower }}
{{- $host := regexReplaceAll "^[^=]*=[^:]*://(.*):[0-9]+$" $entry "${1}" }}
{{- $port := regexReplaceAll "^.*:([0-9]+)$" $entry "${1}" | int }}
{{- if eq $kind "tcp" }}
{{- $connects = append $connects $port }}
{{- else }}
{{- $protocol := get (dict "udp" "UDP" "tcp-listen" "TCP") $kind }}
{{- if not $protocol }}
{{- fail (printf "settings.%s: %s is not name=udp|tcp-listen|tcp://host:port" $setting $entry) }}
{{- end }}
{{- if not (has $host (list "0.0.0.0" "[::]")) }}
{{- fail (printf "settings.%s: %s listens at %s, where nothing reaches it in a cluster; 0.0.0.0 or [::] does" $setting $entry $host) }}
{{- end }}
{{- /* A process that is nobody in particular opens no lower ones, and 0 is chosen anew each time. */}}
{{- if or (lt $port 1024) (and (eq $protocol "TCP") (has $port (list 8080 9090))) }}
{{- fail (printf "settings.%s: %s cannot be had; take a port from 1024 on that is not 8080 or 9090" $setting $entry) }}
{{- end }}
{{- $listens = append $listens (dict "name" (printf "%s-%d" (lower $protocol) $port) "port" $port "protocol" $protocol) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $listens (not .Values.network.receivers) }}
{{- fail (printf "network.receivers says nobody may send to %s" .Values.process.receivers) }}
{{- end }}
{{- if and $connects (not .Values.network.stations) }}
{{- fail (printf "network.stations names no station that %s could connect to" .Values.process.receivers) }}
{{- end }}
{{- toYaml (dict "listens" $listens "connects" ($connects | uniq)) }}
{{- end -}}

{{/*
Where receivers are sent to: a Service for each protocol, since not every cloud's load balancer takes two.
Never to a canary, which hears nothing.
*/}}
{{- define "service.receiverServices" -}}
{{- $name := include "service.name" . }}
{{- $listens := (include "service.receivers" . | fromYaml).listens }}
{{- range $protocol := list "UDP" "TCP" }}
{{- $ports := list }}
{{- range $listens }}
{{- if eq .protocol $protocol }}
{{- $ports = append $ports (dict "name" .name "port" .port "protocol" $protocol "targetPort" .name) }}
{{- end }}
{{- end }}
{{- if $ports }}
---
apiVersion: v1
kind: Service
metadata:
  {{- $of := dict "root" $ "name" (printf "%s-receivers-%s" $name (lower $protocol)) }}
  {{- include "service.metadata" (merge (dict "annotations" $.Values.receivers.annotations) $of) | nindent 2 }}
spec:
  type: {{ $.Values.receivers.type }}
  {{- if ne $.Values.receivers.type "ClusterIP" }}
  # By the sender's own address it is known whether it may send, and which station it is.
  externalTrafficPolicy: Local
  {{- end }}
  {{- if eq $protocol "UDP" }}
  # The parts of a message that needs several datagrams meet in one pod.
  sessionAffinity: ClientIP
  {{- end }}
  selector:
    {{- include "service.backgroundSelector" $ | nindent 4 }}
  ports:
    {{- toYaml $ports | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The pods in which consumers, listeners and jobs run, whichever controller made them. */}}
{{- define "service.backgroundSelector" -}}
{{- $name := include "service.name" . -}}
{{- $native := eq .Values.rollout.engine "native" -}}
{{ include "service.selector" (dict "root" . "app" (ternary $name (print $name "-background") $native)) }}
porttrack.io/track: stable
{{- end -}}

{{/* The settings of this process: those of all, and its own, which win. */}}
{{- define "service.settings" -}}
{{- $own := index .Values.settingsFor (include "service.name" .) | default dict -}}
{{ toYaml (merge dict $own .Values.settings) }}
{{- end -}}
