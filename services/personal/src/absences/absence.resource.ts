import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeStore } from '../employees/employee.store.ts'
import { absenceErrors } from './absence.ts'
import { absenceRoutes } from './absence.routes.ts'
import { Absence } from './absence.schema.ts'
import { absenceStore } from './absence.store.ts'

export const absences = defineResource({
  errors: [absenceErrors],
  schemas: [Absence],
  routes: (app, { database, cursors }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    const absences = absenceStore({ database, cursors, employees })
    app.register(absenceRoutes, { prefix: '/employees/:id/absences', database, absences })
  },
})
