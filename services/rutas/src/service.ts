import { defineService } from '@porttrack/shared/service/define-service'
import { every } from '@porttrack/shared/service/background'
import { Type } from 'typebox'
import { access } from './access.ts'
import { aisRoutes } from './ais/ais.routes.ts'
import { aisStore } from './ais/ais.store.ts'
import { createIngest } from './ais/ingest.ts'
import { openDatabase } from './database.ts'
import { events } from './events.ts'
import { metrics } from './metrics.ts'
import { targetRoutes } from './targets/target.routes.ts'
import { targetStore } from './targets/target.store.ts'
import { zoneRoutes } from './zones/zone.routes.ts'
import { zoneStore } from './zones/zone.store.ts'

const minute = 60_000

/** A body of AIS may be 1 GiB, and take as long as a link of 300 kB/s takes for it. */
const largestFeed = 1_073_741_824
const slowestFeed = 60 * minute

/** Where ships are, and where they have been. */
export const rutas = defineService({
  name: 'rutas',
  title: 'PortTrack rutas',
  description:
    'Takes AIS in and says where ships are, where they have been, and which zones they enter and leave.',
  env: {
    DATABASE_URL: Type.String({ description: 'PostgreSQL database of rutas' }),
    TARGET_STALE_MINUTES: Type.Number({
      default: 10,
      minimum: 1,
      maximum: 1_440,
      description: 'Minutes without a message after which a target is STALE',
    }),
    TARGET_LOST_MINUTES: Type.Number({
      default: 60,
      minimum: 1,
      maximum: 10_080,
      description: 'Minutes without a message after which a target is LOST',
    }),
    ZONE_MARGIN_METRES: Type.Number({
      default: 50,
      minimum: 0,
      maximum: 5_000,
      description:
        'Metres outside a zone at which a ship has left it, so that jitter leaves nothing',
    }),
    AIS_BODY_LIMIT_BYTES: Type.Integer({
      default: largestFeed,
      minimum: 1_024,
      maximum: largestFeed,
      description: 'Largest body of a batch of AIS, in bytes',
    }),
  },
  access,
  metrics,
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  requestTimeout: slowestFeed,
  open: ({ config, log, metrics: measured }) => {
    const { prisma, database, feedDatabase } = openDatabase(config.DATABASE_URL, log)
    const ais = aisStore(feedDatabase, { marginMetres: config.ZONE_MARGIN_METRES })
    return {
      database,
      ais,
      ingest: createIngest({ store: ais, metrics: measured }),
      targets: targetStore(database),
      zones: zoneStore(prisma, database),
      rules: {
        staleAfter: config.TARGET_STALE_MINUTES * minute,
        lostAfter: config.TARGET_LOST_MINUTES * minute,
      },
    }
  },
  database: ({ database }) => database,
  background: ({ ais, targets, rules }, { metrics: measured }) => [
    every('count targets', 15_000, async () => {
      const counts = await targets.countByState({ now: Date.now(), rules })
      for (const [state, count] of Object.entries(counts)) measured.targets.set({ state }, count)
    }),
    every('drop old parts', 10 * minute, () => ais.dropOldParts()),
  ],
  routes: (app, { ingest, targets, zones, rules, cursors, config }) => {
    app.register(aisRoutes, { prefix: '/ais', ingest, bodyLimit: config.AIS_BODY_LIMIT_BYTES })
    app.register(targetRoutes, { prefix: '/targets', store: targets, cursors, rules })
    app.register(zoneRoutes, { prefix: '/zones', store: zones, cursors })
  },
})
