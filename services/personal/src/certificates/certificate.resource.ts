import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeStore } from '../employees/employee.store.ts'
import { certificateErrors } from './certificate.ts'
import { certificateRoutes } from './certificate.routes.ts'
import { Certificate } from './certificate.schema.ts'
import { certificateStore } from './certificate.store.ts'

export const certificates = defineResource({
  errors: [certificateErrors],
  schemas: [Certificate],
  routes: (app, { database, cursors, metrics }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    const certificates = certificateStore({ database, cursors, employees })
    app.register(certificateRoutes, {
      prefix: '/employees/:id/certificates',
      database,
      certificates,
      metrics,
    })
  },
})
