import type { NewEvent } from '@porttrack/shared/events/outbox'

const callOf = (portCallId: string) => ({
  portCallId,
  UNLocationCode: 'ESALG',
  agentOrganization: 'acme',
  carrierOrganization: null,
  terminalOrganization: null,
})

const sizesOf = (total: number) => ({
  total,
  size20: total,
  size40: 0,
  size45: 0,
  laden: total,
  reefers: 0,
})

/** How many moves a call has, as carga forecasts them. */
export const forecast = (
  portCallId: string,
  { load = 0, discharge = 0, time }: { load?: number; discharge?: number; time?: string },
): NewEvent => ({
  type: 'carga.moves.forecast',
  subject: portCallId,
  ...(time === undefined ? {} : { time }),
  data: { ...callOf(portCallId), load: sizesOf(load), discharge: sizesOf(discharge) },
})

type Done = readonly [done: number, total: number]

/** How many of a call's moves are done, as carga tells it. */
export const progressed = (
  portCallId: string,
  { load = [0, 0], discharge = [0, 0], time }: { load?: Done; discharge?: Done; time?: string },
): NewEvent => ({
  type: 'carga.moves.progressed',
  subject: portCallId,
  ...(time === undefined ? {} : { time }),
  data: {
    ...callOf(portCallId),
    load: { done: load[0], total: load[1] },
    discharge: { done: discharge[0], total: discharge[1] },
  },
})

/** That a list is done, as carga tells it. */
export const completed = (portCallId: string, total: number, time?: string): NewEvent => ({
  type: 'carga.cargo-list.completed',
  subject: portCallId,
  ...(time === undefined ? {} : { time }),
  data: { ...callOf(portCallId), list: 'LOAD', total },
})
