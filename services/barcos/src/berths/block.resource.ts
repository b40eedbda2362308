import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { blockErrors } from './block.ts'
import { blockRoutes } from './block.routes.ts'
import { Block } from './block.schema.ts'
import { blockStore } from './block.store.ts'

export const blocks = defineResource({
  errors: [blockErrors],
  schemas: [Block],
  routes: (app, { database, cursors, timeZoneAt }: BarcosContext) => {
    const blocks = blockStore({ database, cursors, timeZoneAt })
    app.register(blockRoutes, { prefix: '/berths/:id/blocks', database, blocks })
  },
})
