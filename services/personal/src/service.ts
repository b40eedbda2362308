import { defineService } from '@porttrack/shared/service/define-service'
import { Type } from 'typebox'
import { access } from './access.ts'
import { certificateErrors } from './certificates/certificate.ts'
import { certificateRoutes } from './certificates/certificate.routes.ts'
import { Certificate } from './certificates/certificate.schema.ts'
import { certificateStore } from './certificates/certificate.store.ts'
import { openDatabase } from './database.ts'
import { employeeErrors } from './employees/employee.ts'
import { employeeRoutes } from './employees/employee.routes.ts'
import { Employee } from './employees/employee.schema.ts'
import { employeeStore } from './employees/employee.store.ts'
import { events } from './events.ts'
import { metrics } from './metrics.ts'

export const personal = defineService({
  name: 'personal',
  title: 'Personal',
  description: 'People: employees and their certificates',
  env: { DATABASE_URL: Type.String({ description: 'PostgreSQL database of this service' }) },
  access,
  metrics,
  errors: [employeeErrors, certificateErrors],
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open: ({ config, log }) => ({ database: openDatabase({ url: config.DATABASE_URL, log }) }),
  database: ({ database }) => database,
  routes: (app, { database, cursors, metrics: measured }) => {
    const employees = employeeStore({ database, cursors })
    const certificates = certificateStore({ database, cursors, employees })
    for (const schema of [Employee, Certificate]) app.addSchema(schema)
    app.register(employeeRoutes, { prefix: '/employees', database, employees, metrics: measured })
    app.register(certificateRoutes, {
      prefix: '/employees/:id/certificates',
      database,
      certificates,
      metrics: measured,
    })
  },
})
