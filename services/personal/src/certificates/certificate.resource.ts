import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeStore } from '../employees/employee.store.ts'
import { certificateErrors } from './certificate.ts'
import { certificateRoutes } from './certificate.routes.ts'
import { Certificate } from './certificate.schema.ts'
import { certificateStore } from './certificate.store.ts'
import { expiringCertificateRoutes } from './expiring-certificate.routes.ts'
import { ExpiringCertificate } from './expiring-certificate.schema.ts'

export const certificates = defineResource({
  errors: [certificateErrors],
  schemas: [Certificate, ExpiringCertificate],
  routes: (app, { database, cursors, metrics, config }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    const certificates = certificateStore({
      database,
      cursors,
      employees,
      timeZone: config.TIME_ZONE,
    })
    app.register(certificateRoutes, {
      prefix: '/employees/:id/certificates',
      database,
      certificates,
      metrics,
    })
    app.register(expiringCertificateRoutes, { prefix: '/certificates', certificates })
  },
})
