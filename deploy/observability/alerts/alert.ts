/**
 * An alert, once for all that notifies of it: rules of Prometheus and rules of Grafana are both written
 * from this.
 */
export type Alert = {
  /** Also the name of its runbook, `docs/runbooks/<name>.md`. */
  name: string
  /** `page` wakes someone, `ticket` waits for the morning, `none` is a sign of life. */
  severity: 'page' | 'ticket' | 'none'
  /** PromQL that gives a series for each thing that is wrong, and none while all is well. */
  expr: string
  /** For how long it must be so, in seconds. */
  forSeconds: number
  /** Labels beside `severity` and those that the expression leaves. */
  labels?: Readonly<Record<string, string>>
  /** One line, in Prometheus's templates. */
  summary: string
  /** What it means for those who use the port, with the figure. */
  description: string
  /** The dashboard where to look first. */
  dashboard: string
}

/** A series that Prometheus reckons ahead, since alerts and dashboards ask for it over days. */
export type Recording = { record: string; expr: string; labels: Readonly<Record<string, string>> }

/** Rules that are evaluated together, in this order. */
export type RuleGroup = {
  name: string
  recordings: readonly Recording[]
  alerts: readonly Alert[]
}

/**
 * How quickly alerts look and wait: 1 in an installation. A test divides every window, every wait and what
 * counts as late, so that an hour passes in a minute.
 */
export type Pace = number

/** Writes seconds as PromQL does: 300 is `5m`; at a pace of 60, `5s`. */
export const duration = (seconds: number, pace: Pace = 1): string => {
  const milliseconds = Math.max(1, Math.round((seconds * 1_000) / pace))
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
    ['ms', 1],
  ] as const
  const [unit, size] = units.find(([, each]) => milliseconds % each === 0) ?? ['ms', 1]
  return `${milliseconds / size}${unit}`
}

export const minute = 60
export const hour = 3_600
export const day = 86_400
