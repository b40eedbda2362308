/** What the release command tells of itself, for programs to decide by. */
type EventName =
  | 'plan'
  | 'waiting'
  | 'started'
  | 'step'
  | 'figures'
  | 'analysed'
  | 'promoted'
  | 'rolling-back'
  | 'trouble'
  | 'rolled-back'
  | 'released'
  | 'status'
  | 'refused'

export type Report = (
  event: EventName,
  message: string,
  details?: Readonly<Record<string, unknown>>,
) => void

/**
 * Writes each event as a line for people; with `json` those go to standard error, and a line of JSON
 * for machines to standard output.
 */
export const reportTo = (
  { stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>,
  { json, ...subject }: { json: boolean; service: string; environment: string },
): Report => {
  const begun = performance.now()
  return (event, message, details = {}) => {
    const seconds = (performance.now() - begun) / 1_000
    const line = `${seconds.toFixed(1).padStart(7)} s  ${message}\n`
    if (!json) return void stdout.write(line)
    stderr.write(line)
    const time = new Date().toISOString()
    stdout.write(`${JSON.stringify({ time, ...subject, event, message, ...details })}\n`)
  }
}
