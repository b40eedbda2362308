import { every } from '@porttrack/shared/service/background'
import { defineService } from '@porttrack/shared/service/define-service'
import { access } from './access.ts'
import { ais } from './ais/ais.resource.ts'
import { barcosFeed } from './barcos-feed.ts'
import { open } from './context.ts'
import { etas } from './etas/eta.resource.ts'
import { events } from './events.ts'
import { live } from './live/live.resource.ts'
import { metrics } from './metrics.ts'
import { seaRoutes } from './sea-routes/sea-route.resource.ts'
import { settings } from './settings.ts'
import { targets } from './targets/target.resource.ts'
import { trackFiles } from './tracks/track-file.resource.ts'
import { voyageJobs } from './voyage-jobs.ts'
import { voyages } from './voyages/voyage.resource.ts'
import { stays } from './zones/stay.resource.ts'
import { zones } from './zones/zone.resource.ts'

const minute = 60_000

/** Where ships are, and where they have been. */
export const rutas = defineService({
  name: 'rutas',
  title: 'PortTrack rutas',
  description:
    'Takes AIS in and says where ships are, where they have been, which zones they enter and leave, by which way they come, and how their voyages go.',
  env: settings,
  access,
  metrics,
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  // A body of AIS may be 1 GiB, and take as long as a link of 300 kB/s takes for it.
  requestTimeout: 60 * minute,
  open,
  close: async ({ voyageSpans }) => voyageSpans?.close(),
  database: ({ database }) => database,
  consumes: ({ journal }, { config, metrics, log }) =>
    config.BARCOS_URL === ''
      ? []
      : [{ url: config.BARCOS_URL, consumer: barcosFeed({ journal, metrics, log }) }],
  background: (opened, context) => {
    const { ais, forwarded, keeper, lead, liveChanges, receivers, targets, rules } = opened
    return [
      every('count targets', 15_000, async () => {
        const counts = await targets.countByState({ now: Date.now(), rules })
        for (const [state, count] of Object.entries(counts)) {
          context.metrics.targets.set({ state }, count)
        }
        for (const [what, count] of Object.entries(ais.remembered())) {
          context.metrics.remembered.set({ what }, count)
        }
      }),
      every('keep tracks', 60 * minute, () => keeper.keep(Date.now())),
      every('drop old parts', 10 * minute, () => ais.dropOldParts()),
      every('drop old live changes', minute / 2, () => liveChanges.trim()),
      every('drop old forwarded batches', 10 * minute, () => forwarded.dropOld()),
      lead.job,
      ...voyageJobs({ ...opened, ...context }),
      ...receivers.jobs,
    ]
  },
  resources: [ais, targets, live, zones, stays, seaRoutes, etas, trackFiles, voyages],
})
