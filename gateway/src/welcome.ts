import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { upstreams } from './upstreams.ts'

const Welcome = Type.Object(
  {
    name: Type.Literal('PortTrack'),
    services: Type.Array(Type.String(), { description: 'First segments of the API’s paths' }),
    reference: Type.String({ description: 'Address of the reference page' }),
    document: Type.String({ description: 'Address of the OpenAPI document' }),
  },
  { $id: 'Welcome' },
)

/** What stands at `/`: where to go from here. */
export const welcomeRoute = async (app: FastifyInstance): Promise<void> => {
  app.addSchema(Welcome)
  app.get(
    '/',
    {
      config: { public: true },
      schema: {
        operationId: 'getWelcome',
        summary: 'Where to go from here',
        tags: ['gateway'],
        security: [],
        response: { 200: Type.Ref('Welcome') },
      },
    },
    async (): Promise<Static<typeof Welcome>> => ({
      name: 'PortTrack',
      services: upstreams.map(({ name }) => name),
      reference: '/reference',
      document: '/openapi.json',
    }),
  )
}
