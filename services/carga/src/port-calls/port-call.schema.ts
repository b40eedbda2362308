import type { Knowledge } from '@porttrack/shared/events/knowledge'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { told } from '../told.ts'

const Instant = (description: string) => Type.String({ format: 'date-time', description })

export const PortCall = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'Id of the port call in barcos' }),
    UNLocationCode: told.unLocationCode,
    state: Type.String({ ...told.code, description: 'As barcos told it last' }),
    vesselName: told.vesselName,
    vesselIMONumber: nullable(told.shipNumber),
    agentOrganization: told.organization,
    carrierOrganization: nullable(told.organization),
    terminalOrganization: nullable(told.organization),
    portVisitReference: nullable(told.reference),
    eta: nullable(Instant('Declared time of arrival')),
    etd: nullable(Instant('Declared time of departure')),
    toldAt: Instant('When barcos told of this call last'),
    knowledge: Type.Ref('Knowledge'),
    version: Type.Integer({ minimum: 1, description: 'Of what carga itself keeps of the call' }),
  },
  { $id: 'PortCall' },
)
export type PortCall = Omit<Static<typeof PortCall>, 'knowledge'> & {
  knowledge: Knowledge
}

export const PortCallParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

export const PortCallQuery = Type.Object(
  {
    ...pageQuery,
    state: Type.Optional(Type.String({ pattern: '^[A-Z_]{1,30}$', examples: ['ALONGSIDE'] })),
    UNLocationCode: Type.Optional(Type.String({ pattern: unLocationCodePattern })),
  },
  { additionalProperties: false },
)
export type PortCallQuery = Static<typeof PortCallQuery>
