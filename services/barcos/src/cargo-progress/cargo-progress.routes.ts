import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import type { CargoProgressStore } from './cargo-progress.store.ts'

type CargoProgressRouteOptions = { cargoProgress: CargoProgressStore }

export const cargoProgressRoutes: FastifyPluginAsyncTypebox<CargoProgressRouteOptions> = async (
  app,
  { cargoProgress },
) => {
  app.get(
    '/:id/cargo-progress',
    {
      config: access.permit('cargo-progress:read'),
      schema: {
        operationId: 'getCargoProgress',
        summary: 'How far loading and discharging of a ship is',
        description:
          'Learnt from the events of carga. `knowledge` says how old it is, also where carga has told nothing yet. For the parties of the call.',
        tags: ['port calls'],
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        response: { 200: Type.Ref('CargoProgress'), ...errors(404) },
      },
    },
    async (request) =>
      cargoProgress.find(request.params.id, visibilityOf(request.caller, 'cargo-progress:read')),
  )
}
