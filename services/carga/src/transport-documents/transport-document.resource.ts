import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { transportDocumentErrors, transportDocumentLifecycle } from './transport-document.ts'
import { transportDocumentRoutes } from './transport-document.routes.ts'
import { TransportDocument } from './transport-document.schema.ts'
import { transportDocumentStore } from './transport-document.store.ts'

export const transportDocuments = defineResource({
  errors: [transportDocumentErrors],
  lifecycles: [transportDocumentLifecycle],
  schemas: [TransportDocument],
  routes: (app, { database, cursors }: CargaContext) => {
    const documents = transportDocumentStore({ database, cursors })
    app.register(transportDocumentRoutes, {
      prefix: '/transport-documents',
      database,
      documents,
    })
  },
})
