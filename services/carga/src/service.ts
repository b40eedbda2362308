import { defineService } from '@porttrack/shared/service/define-service'
import { access } from './access.ts'
import { cargoLists } from './cargo-lists/cargo-list.resource.ts'
import { figures } from './figures/figures.resource.ts'
import { terminalGauges } from './terminal-gauges.ts'
import { transportDocuments } from './transport-documents/transport-document.resource.ts'
import { barcosFeed } from './barcos-feed.ts'
import { checks } from './checks/check.resource.ts'
import { progressNews } from './cargo-lists/progress-news.store.ts'
import { cutOffs } from './cut-offs/cut-off.resource.ts'
import { holds } from './holds/hold.resource.ts'
import { dcsaVgm, vgm } from './vgm/vgm.resource.ts'
import { vgmContract } from './vgm/vgm.routes.ts'
import { containerVisitEvents } from './container-visit-events/container-visit-event.resource.ts'
import { containerVisits } from './container-visits/container-visit.resource.ts'
import { open } from './context.ts'
import { dangerousGoods } from './dangerous-goods/dangerous-goods.resource.ts'
import { gate } from './gate/gate.resource.ts'
import { yard } from './yard/yard.resource.ts'
import { events } from './events.ts'
import { metrics } from './metrics.ts'
import { portCalls } from './port-calls/port-call.resource.ts'
import { settings } from './settings.ts'
import { trackedEvents } from './track-and-trace/tracked-event.resource.ts'
import { trackAndTraceContract } from './track-and-trace/tracked-event.routes.ts'

export const carga = defineService({
  name: 'carga',
  title: 'Carga',
  description: 'Cargo: containers, what happens to them, and what they may do next',
  env: settings,
  access,
  metrics,
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open,
  database: ({ database }) => database,
  consumes: (_opened, context) => [
    { url: context.config.BARCOS_URL, consumer: barcosFeed(context) },
  ],
  background: (opened, context) => [
    terminalGauges({ ...opened, ...context }),
    progressNews(opened.database),
  ],
  resources: [
    portCalls,
    containerVisits,
    containerVisitEvents,
    vgm,
    holds,
    cutOffs,
    checks,
    dangerousGoods,
    yard,
    gate,
    cargoLists,
    transportDocuments,
    figures,
  ],
  contracts: [
    { contract: trackAndTraceContract, resources: [trackedEvents] },
    { contract: vgmContract, resources: [dcsaVgm] },
  ],
})
