import type { Static, TSchema } from 'typebox'
import type { NewEvent } from './outbox.ts'

type EventDeclaration = {
  description: string
  data: TSchema
  /**
   * The properties of the data that say whose event it is, each an organisation's code or null.
   * Without one, nobody who is bound to an organisation gets the event by a webhook.
   */
  organizations?: readonly string[]
}

/** What a service publishes: type → what it means and the schema of its data. */
export type EventTable = Readonly<Record<string, EventDeclaration>>

/** Declares a service's events; `docs/events.md` is generated from the tables. */
export const defineEvents = <const T extends EventTable>(table: T): T => table

/** Makes an event of a declared type; data of another shape does not compile. */
export const eventOf = <T extends EventTable, K extends keyof T & string>(
  _table: T,
  type: K,
  content: { subject: string; data: Static<T[K]['data']> & object; time?: string },
): NewEvent => ({ type, ...content })

/** The types of event that say whose they are, with the properties that do. */
export const organizationProperties = (events: EventTable): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(events).flatMap(([type, { organizations }]) =>
      organizations === undefined ? [] : [[type, organizations]],
    ),
  )
