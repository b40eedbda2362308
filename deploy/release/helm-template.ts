import { canaryChecks, type Scope } from './analysis.ts'

/** Placeholders that Helm fills in. */
const scope: Scope = {
  service: '{{ .Release.Name }}',
  namespace: '{{ .Release.Namespace }}',
  window: '{{ .Values.rollout.stepMinutes }}m',
  // Argo Rollouts and Flagger move the weights of an HTTPRoute, of which the gateway knows nothing.
  view: 'server',
}

const traffic = '{{ .Values.rollout.minimumRequests | default 100 }}'

/** The analysis as a named template: a YAML list of checks with their query and bounds. */
export const helmTemplate = (): string => {
  const checks = canaryChecks.map(({ name, what, query, bounds }) => {
    const limits = bounds === 'traffic' ? { min: traffic } : bounds
    return [
      `# ${what[0]?.toUpperCase()}${what.slice(1)}.`,
      `- name: ${name}`,
      `  query: >-`,
      `    ${query(scope)}`,
      ...Object.entries(limits).map(([end, limit]) => `  ${end}: ${limit}`),
    ].join('\n')
  })
  return `{{/*
What a canary must show before more callers get it; generated from deploy/release/analysis.ts by
\`npx -y pnpm@12 generate\`. A list of name, query (one number; none or NaN is not good), and the least
(min) or most (max) that is good.
*/}}
{{- define "service.analysis" -}}
${checks.join('\n')}
{{- end -}}
`
}
