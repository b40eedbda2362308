import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { shiftRotationErrors } from './shift-rotation.ts'
import { shiftRotationRoutes } from './shift-rotation.routes.ts'
import { ShiftRotation } from './shift-rotation.schema.ts'
import { shiftRotationStore } from './shift-rotation.store.ts'

export const shiftRotations = defineResource({
  errors: [shiftRotationErrors],
  schemas: [ShiftRotation],
  routes: (app, { database, cursors, config }: PersonalContext) => {
    const rotations = shiftRotationStore({ database, cursors, timeZone: config.TIME_ZONE })
    app.register(shiftRotationRoutes, { prefix: '/shift-rotations', database, rotations })
  },
})
