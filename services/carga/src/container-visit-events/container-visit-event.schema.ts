import { Subject } from '@porttrack/shared/auth/subject'
import { inLanguage, type Language, type Text } from '@porttrack/shared/http/language'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { Position } from '../container-visits/container-visit.schema.ts'
import { Reason } from '../reason.schema.ts'
import { eventClassifierCodes, eventCodes, eventStatuses } from './container-visit-event.ts'
import { told } from '../told.ts'

const attributes = {
  eventCode: Type.Enum(eventCodes, {
    type: 'string',
    description:
      'DCSA Track and Trace 3: equipment event types, ARRI and DEPA of the transport, RELS of the shipment; and YARD, set down in the yard',
  }),
  eventClassifierCode: Type.Enum(eventClassifierCodes, {
    type: 'string',
    description: 'Planned, estimated or actual; only actual events change the state',
  }),
  eventDateTime: Type.String({ format: 'date-time', description: 'When it happens or happened' }),
}
const position = Type.Union([Position, Type.Null()], {
  description: 'In the yard with YARD, in the vessel with LOAD; null where it is not known',
})
const updates = Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
  description: 'The event that this one replaces with newer knowledge; null for a new one',
})
const override = Type.Object(
  { reason: Reason },
  {
    additionalProperties: false,
    description:
      'Sets a container down in spite of the rules of segregation; for those who may, and kept with the event',
  },
)

export const NewContainerVisitEvent = Type.Object(
  {
    ...attributes,
    position: Type.Optional(position),
    updates: Type.Optional(updates),
    override: Type.Optional(override),
  },
  { additionalProperties: false },
)
export type NewContainerVisitEvent = Static<typeof NewContainerVisitEvent>

export const Retraction = Type.Object({ reason: Reason }, { additionalProperties: false })

export const ContainerVisitEvent = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    containerVisitId: Type.String({ format: 'uuid' }),
    ...attributes,
    position,
    updates,
    status: Type.Enum(eventStatuses, {
      type: 'string',
      description: 'Whether it stands, was replaced by an update, or was retracted',
    }),
    obstacles: Type.Array(told.sentence, {
      description:
        'Why a standing actual event has no effect: what it followed was retracted. Empty when it counts',
    }),
    warnings: Type.Array(told.sentence, {
      description:
        'What was remarked when it was recorded: goods lists that must be consulted, distances that were overridden, a truck without an appointment or outside of its slot',
    }),
    override: Type.Union([override, Type.Null()]),
    gateAppointmentId: Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
      description: 'The appointment of the truck that brought or fetched the container',
    }),
    recordedAt: Type.String({ format: 'date-time' }),
    recordedBy: Type.String({ ...Subject, description: 'User, machine or service' }),
    retraction: Type.Union([
      Type.Object({
        reason: told.reason,
        recordedAt: Type.String({ format: 'date-time' }),
        recordedBy: Subject,
      }),
      Type.Null(),
    ]),
  },
  { $id: 'ContainerVisitEvent' },
)
type EventAnswer = Static<typeof ContainerVisitEvent>
/** An event whose obstacles are in every language. */
export type ContainerVisitEvent = Omit<EventAnswer, 'obstacles' | 'warnings'> & {
  obstacles: Text[]
  warnings: Text[]
}

/** An event as a caller reads it. */
export const eventIn = (event: ContainerVisitEvent, language: Language): EventAnswer => ({
  ...event,
  obstacles: event.obstacles.map((obstacle) => inLanguage(obstacle, language)),
  warnings: event.warnings.map((warning) => inLanguage(warning, language)),
})

export const ContainerVisitEventParams = Type.Object({
  id: Type.String({ format: 'uuid' }),
  eventId: Type.String({ format: 'uuid' }),
})

export const ContainerVisitEventQuery = Type.Object(pageQuery, { additionalProperties: false })
