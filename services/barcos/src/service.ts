import { defineService } from '@porttrack/shared/service/define-service'
import { access } from './access.ts'
import { approachPlaces } from './approach-places/approach-place.resource.ts'
import { berthPlan } from './berth-plan/berth-plan.resource.ts'
import { berths } from './berths/berth.resource.ts'
import { blocks } from './berths/block.resource.ts'
import { cargaFeed } from './carga-feed.ts'
import { cargoProgress } from './cargo-progress/cargo-progress.resource.ts'
import { clearances } from './clearances/clearance.resource.ts'
import { open } from './context.ts'
import { crews } from './crews/crew.resource.ts'
import { dcsaEvents } from './dcsa/dcsa-event.resource.ts'
import { portCallContract } from './dcsa/dcsa-event.routes.ts'
import { events } from './events.ts'
import { figures } from './figures/figures.resource.ts'
import { metrics } from './metrics.ts'
import { personalFeed } from './personal-feed.ts'
import { portCalls } from './port-calls/port-call.resource.ts'
import { portGauges } from './port-gauges.ts'
import { reservations } from './reservations/reservation.resource.ts'
import { rutasFeed } from './rutas-feed.ts'
import { serviceOrders } from './service-orders/service-order.resource.ts'
import { settings } from './settings.ts'
import { timeline } from './timeline/timeline.resource.ts'
import { rebuild } from './timestamps/rebuild.resource.ts'
import { timestamps } from './timestamps/timestamp.resource.ts'
import { vesselCertificates } from './vessel-certificates/vessel-certificate.resource.ts'
import { vessels } from './vessels/vessel.resource.ts'

export const barcos = defineService({
  name: 'barcos',
  title: 'Barcos',
  description: 'Ships, berths and port calls',
  env: settings,
  access,
  metrics,
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open,
  database: ({ database }) => database,
  consumes: (_opened, context) => [
    { url: context.config.RUTAS_URL, consumer: rutasFeed(context) },
    { url: context.config.CARGA_URL, consumer: cargaFeed(context) },
    { url: context.config.PERSONAL_URL, consumer: personalFeed(context) },
  ],
  background: (opened, context) => [portGauges({ ...opened, ...context })],
  resources: [
    vessels,
    vesselCertificates,
    berths,
    blocks,
    approachPlaces,
    portCalls,
    clearances,
    reservations,
    berthPlan,
    timestamps,
    rebuild,
    serviceOrders,
    cargoProgress,
    crews,
    timeline,
    figures,
  ],
  contracts: [{ contract: portCallContract, resources: [dcsaEvents] }],
})
