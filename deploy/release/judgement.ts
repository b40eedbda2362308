import type { Bounds, Check } from './analysis.ts'

/**
 * What one check found: `good` and `bad` say themselves; `missing` has no number to judge; `unjudged`
 * says nothing, since there were too few requests.
 */
type Outcome = 'good' | 'bad' | 'missing' | 'unjudged'

type Finding = { name: string; value: number | null; outcome: Outcome; says: string }

export type Judgement = {
  verdict: 'passed' | 'failed' | 'inconclusive'
  /** In one line, for people. */
  why: string
  findings: readonly Finding[]
}

const within = (value: number, { min = -Infinity, max = Infinity }: Bounds): boolean =>
  value >= min && value <= max

/**
 * What the numbers mean. A number that is missing or NaN never passes; too few requests leave open
 * what only requests can show, but excuse nothing else.
 *
 * @param values by the check's name; null where a query gave nothing
 * @param minimumRequests what is enough traffic
 */
export const judge = (
  checks: readonly Check[],
  values: ReadonlyMap<string, number | null>,
  minimumRequests: number,
): Judgement => {
  const limits = ({ bounds }: Check): Bounds =>
    bounds === 'traffic' ? { min: minimumRequests } : bounds
  const valueOf = ({ name }: Check): number | null => {
    const value = values.get(name) ?? null
    return value === null || Number.isNaN(value) ? null : value
  }
  const enough = checks
    .filter(({ bounds }) => bounds === 'traffic')
    .every((check) => within(valueOf(check) ?? 0, limits(check)))
  const outcomeOf = (check: Check): Outcome => {
    const value = valueOf(check)
    if (check.bounds === 'traffic') return within(value ?? 0, limits(check)) ? 'good' : 'unjudged'
    if (check.needsTraffic && !enough) return 'unjudged'
    if (value === null) return 'missing'
    return within(value, limits(check)) ? 'good' : 'bad'
  }
  const findings = checks.map((check) => {
    const [value, outcome] = [valueOf(check), outcomeOf(check)]
    return { name: check.name, value, outcome, says: phrase(check, value, limits(check)) }
  })
  const faults = findings.filter(({ outcome }) => outcome === 'bad' || outcome === 'missing')
  if (faults.length > 0) return { verdict: 'failed', why: sayings(faults), findings }
  const open = findings.filter(
    ({ name, outcome }) =>
      outcome === 'unjudged' && checks.find((check) => check.name === name)?.bounds === 'traffic',
  )
  return open.length > 0
    ? { verdict: 'inconclusive', why: sayings(open), findings }
    : { verdict: 'passed', why: sayings(findings), findings }
}

const sayings = (findings: readonly Finding[]): string =>
  findings.map(({ says }) => says).join('; ')

const phrase = ({ name, unit }: Check, value: number | null, { min, max }: Bounds): string => {
  const wanted = [
    ...(min === undefined ? [] : [`at least ${print(min, unit)}`]),
    ...(max === undefined ? [] : [`at most ${print(max, unit)}`]),
  ].join(' and ')
  return `${name} ${value === null ? 'has no value' : print(value, unit)} (${wanted})`
}

const print = (value: number, unit: Check['unit']): string => {
  if (!Number.isFinite(value)) return 'infinite'
  if (unit === '%') return `${round(value * 100)} %`
  return `${round(value)}${unit === '' ? '' : ` ${unit}`}`
}

const round = (value: number): number => Number(value.toPrecision(3))
