import { readFile, rename, writeFile } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Incident = Type.Object({
  /** The same for as long as it is the same thing that is wrong. */
  key: Type.String(),
  alert: Type.String(),
  service: Type.String(),
  namespace: Type.String(),
  severity: Type.String(),
  summary: Type.String(),
  runbook: Type.String(),
  /** Path of the dashboard. */
  dashboard: Type.String(),
  startedAt: Type.String(),
  endedAt: Type.Union([Type.String(), Type.Null()]),
})

export type Incident = Static<typeof Incident>

/** So many are remembered. */
const kept = 200

/**
 * What has been wrong, kept in one file that is replaced as a whole: a killed process leaves the one
 * before, and the next process goes on from there.
 */
export const openIncidents = async (path: string) => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  const given: unknown = JSON.parse(text)
  if (!Value.Check(Type.Array(Incident), given)) throw new Error(`${path} holds no incidents`)
  let incidents: Incident[] = given
  let writing = Promise.resolve()

  const save = (): Promise<void> => {
    const content = JSON.stringify(incidents)
    writing = writing
      .catch(() => undefined)
      .then(async () => {
        await writeFile(`${path}.next`, content, { mode: 0o600, flush: true })
        await rename(`${path}.next`, path)
      })
    return writing
  }

  return {
    /** Adds or ends them; told twice, they are the same. Resolves when they are on disk. */
    record: (told: readonly Incident[]): Promise<void> => {
      for (const incident of told) {
        const known = incidents.findIndex(
          ({ key, startedAt }) => key === incident.key && startedAt === incident.startedAt,
        )
        if (known >= 0) incidents[known] = incident
        else incidents.push(incident)
      }
      incidents = incidents.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).slice(-kept)
      return save()
    },
    /** The one that began last; those that go on come before those that have ended. */
    last: (): Incident | undefined =>
      incidents.findLast(({ endedAt }) => endedAt === null) ?? incidents.at(-1),
    open: (): readonly Incident[] => incidents.filter(({ endedAt }) => endedAt === null),
  }
}

export type Incidents = Awaited<ReturnType<typeof openIncidents>>
