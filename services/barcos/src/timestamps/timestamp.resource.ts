import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { matrixConditions } from './port-call-matrix.ts'
import { portCallServiceErrors, replyConditions } from './port-call-service.ts'
import { PortCallService } from './port-call-service.schema.ts'
import { portCallServiceStore } from './port-call-service.store.ts'
import { partyConditions } from './service-parties.ts'
import { timestampAttachmentConditions, timestampAttachmentErrors } from './timestamp-attachment.ts'
import { timestampErrors } from './timestamp.ts'
import { timestampRoutes } from './timestamp.routes.ts'
import { Timestamp } from './timestamp.schema.ts'
import { timestampStore } from './timestamp.store.ts'

export const timestamps = defineResource({
  errors: [timestampErrors, timestampAttachmentErrors, portCallServiceErrors],
  conditions: [matrixConditions, partyConditions, replyConditions, timestampAttachmentConditions],
  schemas: [Timestamp, PortCallService],
  routes: (app, { database, cursors, metrics }: BarcosContext) => {
    const timestamps = timestampStore({ database, cursors })
    const services = portCallServiceStore({ database, cursors })
    app.register(timestampRoutes, { database, timestamps, services, metrics })
  },
})
