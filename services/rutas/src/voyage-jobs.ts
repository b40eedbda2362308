import { every } from '@porttrack/shared/service/background'
import type { BackgroundJob } from '@porttrack/shared/service/define-service'
import type { RutasContext } from './context.ts'
import { dropOldPortCalls } from './voyages/port-call.store.ts'
import { voyageFigures } from './voyages/voyage-figures.store.ts'
import { voyageThinning } from './voyages/voyage-thinning.store.ts'
import { voyageTraces } from './voyages/voyage-trace.store.ts'
import { voyageWatch } from './voyages/voyage-watch.store.ts'
import { zoneSightings } from './voyages/zone-sighting.store.ts'

type Given = Omit<RutasContext, 'cursors' | 'tokens'>

const second = 1_000
const hour = 3_600 * second

/** What is done for voyages without being asked. */
export const voyageJobs = (given: Given): BackgroundJob[] => {
  const { prisma, database, journal, rules, voyageSpans: spans } = given
  const { config, metrics, log, seaNetwork } = given
  const watch = voyageWatch({
    database,
    journal,
    seaNetwork,
    config,
    metrics,
    log,
    lostAfter: rules.lostAfter,
  })
  const countVoyages = async (): Promise<void> => {
    const { byState, deviating, lag } = await voyageFigures(database.sql)
    for (const [state, count] of byState) metrics.voyages.set({ state }, count)
    for (const [kind, count] of deviating) metrics.voyagesDeviating.set({ kind }, count)
    metrics.voyageLag.set({ work: 'look' }, lag.look)
    metrics.voyageLag.set({ work: 'sighting' }, lag.sighting)
    // Where spans go nowhere, all wait for ever.
    if (spans !== null) metrics.voyageLag.set({ work: 'trace' }, lag.trace)
  }
  return [
    zoneSightings(database, journal),
    every('look after voyages', 2 * second, watch.pass),
    every('count voyages', 15 * second, countVoyages),
    every('drop old estimates', hour, voyageThinning({ database, journal, config }).pass),
    every('drop old port calls', hour, () => dropOldPortCalls(database.sql)),
    ...(spans === null
      ? []
      : [
          every(
            'send voyages as traces',
            2 * second,
            voyageTraces({ prisma, database, spans, rules: journal.rules, metrics, log }).pass,
          ),
        ]),
  ]
}
