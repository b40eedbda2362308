import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { followOwnEvents, type OwnEvent } from '@porttrack/shared/events/own-events'
import type { Static } from 'typebox'
import type { ContainerVisitState } from '../container-visits/container-visit.ts'
import type { CargaDatabase, Client } from '../database.ts'
import { events } from '../events.ts'
import { identityOf, progressOfLists } from './cargo-list.store.ts'

type StateChanged = Static<(typeof events)['carga.container-visit.state-changed']['data']>
type Forecast = Static<(typeof events)['carga.moves.forecast']['data']>

/** The ship that a container is aboard in a state: the one it comes by, or the one it leaves by. */
const aboard: Readonly<Partial<Record<ContainerVisitState, 'incoming' | 'outgoing'>>> = {
  ON_BOARD: 'incoming',
  LOADED: 'outgoing',
  DEPARTED: 'outgoing',
}

/**
 * Tells how far the lists of port calls are. Works behind what was published: moves at two cranes do not
 * wait for each other, each count has seen both, and a burst of moves is one event.
 */
export const progressNews = (database: CargaDatabase) =>
  followOwnEvents({
    name: 'carga progress',
    database,
    types: ['carga.container-visit.state-changed', 'carga.moves.forecast'],
    apply: tellProgress,
  })

const tellProgress = async (changes: readonly OwnEvent[], unit: Unit<Client>): Promise<void> => {
  const { tx, sql, publish } = unit
  const moved = changes.flatMap(({ type, data }) => {
    if (type !== 'carga.container-visit.state-changed') return []
    const { containerVisitId, from, to } = data as StateChanged
    return aboard[from] === aboard[to] ? [] : [containerVisitId]
  })
  const listed = changes.flatMap(({ type, data }) =>
    type === 'carga.moves.forecast' ? [(data as Forecast).portCallId] : [],
  )
  const visits = await tx.containerVisit.findMany({
    where: { id: { in: moved } },
    select: { loadPortCallId: true, dischargePortCallId: true },
  })
  const ids = [
    ...listed,
    ...visits.flatMap(({ loadPortCallId, dischargePortCallId }) =>
      [loadPortCallId, dischargePortCallId].flatMap((id) => id ?? []),
    ),
  ]
  const calls = await tx.portCall.findMany({
    where: { id: { in: [...new Set(ids)] } },
    orderBy: { id: 'asc' },
  })
  for (const call of calls) {
    const lists = await progressOfLists(sql, call.id)
    const of = (name: (typeof lists)[number]['list']) => {
      const { total = 0, done = 0 } = lists.find(({ list }) => list === name) ?? {}
      return { total, done }
    }
    publish(
      eventOf(events, 'carga.moves.progressed', {
        subject: call.id,
        data: { ...identityOf(call), load: of('LOAD'), discharge: of('DISCHARGE') },
      }),
    )
  }
}
