import { defineService } from '@porttrack/shared/service/define-service'
import { access } from './access.ts'
import { containerVisitEvents } from './container-visit-events/container-visit-event.resource.ts'
import { containerVisits } from './container-visits/container-visit.resource.ts'
import { open } from './context.ts'
import { events } from './events.ts'
import { metrics } from './metrics.ts'
import { settings } from './settings.ts'

export const carga = defineService({
  name: 'carga',
  title: 'Carga',
  description: 'Cargo: container visits and what happens to them',
  env: settings,
  access,
  metrics,
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open,
  database: ({ database }) => database,
  resources: [containerVisits, containerVisitEvents],
})
