import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeStore } from '../employees/employee.store.ts'
import { personalDataRoutes } from './personal-data.routes.ts'
import { PersonalData } from './personal-data.schema.ts'
import { personalDataStore } from './personal-data.store.ts'

export const personalData = defineResource({
  schemas: [PersonalData],
  routes: (app, { database, cursors, metrics }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    const personalData = personalDataStore({ database, employees })
    app.register(personalDataRoutes, {
      prefix: '/employees/:id',
      database,
      personalData,
      metrics,
    })
  },
})
