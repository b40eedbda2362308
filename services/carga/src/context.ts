import type { ResourceContext, ServiceContext } from '@porttrack/shared/service/define-service'
import { distancesOf } from './dangerous-goods/stow-plan.ts'
import { openDatabase } from './database.ts'
import type { metrics } from './metrics.ts'
import type { settings } from './settings.ts'

/** Opens what the resources of carga are made with, once for the process. */
export const open = ({ config, log }: ServiceContext<typeof settings, typeof metrics>) => ({
  database: openDatabase({ url: config.DATABASE_URL, log }),
  distances: {
    yard: distancesOf(config.SEGREGATION_YARD_METRES),
    aboard: distancesOf(config.SEGREGATION_ABOARD_METRES),
  },
  gateRule: {
    policy: config.GATE_APPOINTMENTS,
    toleranceMs: config.GATE_TOLERANCE_MINUTES * 60_000,
  },
})

/** What a resource of carga is made with. */
export type CargaContext = ResourceContext<typeof settings, typeof metrics, ReturnType<typeof open>>
