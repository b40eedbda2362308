import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { shiftErrors, shiftLifecycle } from './shift.ts'
import { shiftRoutes } from './shift.routes.ts'
import { Shift } from './shift.schema.ts'
import { shiftStore } from './shift.store.ts'

export const shifts = defineResource({
  errors: [shiftErrors],
  lifecycles: [shiftLifecycle],
  schemas: [Shift],
  routes: (app, { database, cursors }: PersonalContext) => {
    const shifts = shiftStore({ database, cursors })
    app.register(shiftRoutes, { prefix: '/shifts', database, shifts })
  },
})
