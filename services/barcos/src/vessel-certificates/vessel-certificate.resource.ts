import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { certificateErrors } from './vessel-certificate.ts'
import { vesselCertificateRoutes } from './vessel-certificate.routes.ts'
import { VesselCertificate } from './vessel-certificate.schema.ts'
import { vesselCertificateStore } from './vessel-certificate.store.ts'

export const vesselCertificates = defineResource({
  errors: [certificateErrors],
  schemas: [VesselCertificate],
  routes: (app, { database, cursors, config }: BarcosContext) => {
    const notice = config.CERTIFICATE_NOTICE_DAYS
    const certificates = vesselCertificateStore({ database, cursors, notice })
    app.register(vesselCertificateRoutes, { database, certificates })
  },
})
