import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeErrors } from './employee.ts'
import { employeeRoutes } from './employee.routes.ts'
import { Employee } from './employee.schema.ts'
import { employeeStore } from './employee.store.ts'

export const employees = defineResource({
  errors: [employeeErrors],
  schemas: [Employee],
  routes: (app, { database, cursors, metrics }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    app.register(employeeRoutes, { prefix: '/employees', database, employees, metrics })
  },
})
