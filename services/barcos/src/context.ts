import type { ResourceContext, ServiceContext } from '@porttrack/shared/service/define-service'
import { openDatabase } from './database.ts'
import type { metrics } from './metrics.ts'
import { timeZonesOf } from './places/time-zone.ts'
import type { settings } from './settings.ts'

/** Opens what the resources of barcos are made with, once for the process. */
export const open = ({ config, log }: ServiceContext<typeof settings, typeof metrics>) => ({
  database: openDatabase({ url: config.DATABASE_URL, log }),
  timeZoneAt: timeZonesOf(config.PORT_TIME_ZONES),
})

/** What a resource of barcos is made with. */
export type BarcosContext = ResourceContext<
  typeof settings,
  typeof metrics,
  ReturnType<typeof open>
>
