import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { aisRoutes } from './ais.routes.ts'
import { IngestAnswer } from './ais.schema.ts'

export const ais = defineResource({
  schemas: [IngestAnswer],
  routes: (app, { ingest, config }: RutasContext) => {
    app.register(aisRoutes, { prefix: '/ais', ingest, bodyLimit: config.AIS_BODY_LIMIT_BYTES })
  },
})
