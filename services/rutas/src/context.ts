import type { ResourceContext, ServiceContext } from '@porttrack/shared/service/define-service'
import { openVoyageSpans, otlpExporter } from '@porttrack/shared/tracing/voyage-spans'
import { aisStore } from './ais/ais.store.ts'
import { forwardedBatchStore } from './ais/forwarded-batch.store.ts'
import { createIngestLead, leadLeaseDuration } from './ais/ingest-lead.store.ts'
import { createIngest } from './ais/ingest.ts'
import { createIngester } from './ais/ingester.ts'
import { openDatabase } from './database.ts'
import { liveStore } from './live/live.store.ts'
import type { metrics } from './metrics.ts'
import { linkLease } from './receivers/link-lease.store.ts'
import { openReceivers } from './receivers/receivers.ts'
import { openSeaNetwork } from './sea-routes/sea-network.ts'
import type { settings } from './settings.ts'
import { targetStore } from './targets/target.store.ts'
import { trackKeeper } from './tracks/track.store.ts'
import { journeyRules, nextLook } from './voyages/voyage-policy.ts'
import { voyageJournal } from './voyages/voyage-journal.store.ts'
import { zoneStore } from './zones/zone.store.ts'

const minute = 60_000

/** Opens what the resources of rutas are made with, once for the process. */
export const open = ({
  config,
  log,
  metrics: measured,
}: ServiceContext<typeof settings, typeof metrics>) => {
  const { prisma, database, feedDatabase } = openDatabase({
    url: config.DATABASE_URL,
    log,
  })
  const tracks = { detailDays: config.TRACK_DETAIL_DAYS, keepDays: config.TRACK_KEEP_DAYS }
  if (tracks.detailDays > tracks.keepDays) {
    throw new Error('TRACK_DETAIL_DAYS is more than TRACK_KEEP_DAYS')
  }
  const ais = aisStore(feedDatabase, {
    marginMetres: config.ZONE_MARGIN_METRES,
    tracks,
    remembered: {
      stations: config.AIS_REMEMBERED_STATIONS,
      messages: config.AIS_REMEMBERED_MESSAGES,
    },
  })
  const ingester = createIngester({ store: ais, metrics: measured })

  const forwarded = forwardedBatchStore(database)
  const lead = createIngestLead({
    ingester,
    store: forwarded,
    lease: linkLease(database, leadLeaseDuration),
    metrics: measured,
    log,
  })
  const sink = { keptParts: ais.keptParts, room: ingester.room, take: lead.take }

  const ingest = createIngest({ sink, metrics: measured, keepDays: tracks.keepDays })
  return {
    database,
    ais,
    forwarded,
    ingest,
    lead,

    receivers: openReceivers({
      list: config.AIS_RECEIVERS,
      networks: config.AIS_RECEIVER_NETWORKS,
      ingest,
      metrics: measured,
      log,
      lease: linkLease(database),
    }),
    liveChanges: liveStore(database),
    keeper: trackKeeper(feedDatabase, tracks),
    targets: targetStore(database),
    zones: zoneStore(prisma, database),
    prisma,
    journal: voyageJournal({
      rules: journeyRules(config),
      nextLook: nextLook(config),
      settleSeconds: config.VOYAGE_TRACE_SETTLE_SECONDS,
    }),
    /** Null where spans go nowhere. */
    voyageSpans:
      config.OTEL_EXPORTER_OTLP_ENDPOINT === ''
        ? null
        : openVoyageSpans({
            version: config.SERVICE_VERSION,
            exporter: otlpExporter(config.OTEL_EXPORTER_OTLP_ENDPOINT),
          }),
    seaNetwork: openSeaNetwork(),
    rules: {
      staleAfter: config.TARGET_STALE_MINUTES * minute,
      lostAfter: config.TARGET_LOST_MINUTES * minute,
    },
  }
}

/** What a resource of rutas is made with. */
export type RutasContext = ResourceContext<typeof settings, typeof metrics, ReturnType<typeof open>>
