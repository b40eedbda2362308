import { type Static, Type } from 'typebox'

const Uuid = Type.String({ format: 'uuid' })

export const CalendarLink = Type.Object(
  { id: Uuid, createdAt: Type.String({ format: 'date-time' }) },
  { $id: 'CalendarLink' },
)
export type CalendarLink = Static<typeof CalendarLink>

export const NewCalendarLink = Type.Object(
  {
    ...CalendarLink.properties,
    key: Type.String({
      maxLength: 43,
      description: 'Given out once: whoever has it reads the calendar that `Location` names',
    }),
  },
  { $id: 'NewCalendarLink' },
)
export type NewCalendarLink = Static<typeof NewCalendarLink>

export const CalendarParams = Type.Object({ id: Uuid })

export const CalendarQuery = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 100, description: 'As it was given out' }) },
  { additionalProperties: false },
)
