import type { Unit } from '@porttrack/shared/database/transaction'
import type { CloudEvent } from '@porttrack/shared/events/cloud-event'
import { defineConsumer } from '@porttrack/shared/events/consumer'
import { eventReading } from '@porttrack/shared/events/event-reading'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { cargoLists } from './cargo-progress/cargo-progress.ts'
import {
  keepCompletion,
  keepForecast,
  keepProgress,
} from './cargo-progress/cargo-progress.store.ts'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'

const Uuid = Type.String({ format: 'uuid' })
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })

const Sizes = Type.Object({
  total: Count,
  size20: Count,
  size40: Count,
  size45: Count,
  laden: Count,
  reefers: Count,
})
const Progress = Type.Object({ total: Count, done: Count })

/** What of carga's events is used here. */
const Forecast = Type.Object({ portCallId: Uuid, load: Sizes, discharge: Sizes })
const Progressed = Type.Object({ portCallId: Uuid, load: Progress, discharge: Progress })
const Completed = Type.Object({ portCallId: Uuid, list: Type.Enum(cargoLists), total: Count })

type CargaFeedOptions = { metrics: Metrics<typeof metrics>; log: Logger }

/** Keeps what carga tells of the cargo of port calls. */
export const cargaFeed = (options: CargaFeedOptions) => {
  const read = eventReading<Client>(options)
  return defineConsumer<Client>({
    from: 'carga',
    handlers: {
      'carga.moves.forecast': read(Forecast, ofEachList(keepForecast)),
      'carga.moves.progressed': read(Progressed, ofEachList(keepProgress)),
      'carga.cargo-list.completed': read(Completed, ({ portCallId, list, total }, unit, event) =>
        keepCompletion(unit, { portCallId, list, at: new Date(event.time) }, total),
      ),
    },
  })
}

type Told = Parameters<typeof keepForecast>[1]

/** Takes over what one event tells of both lists of a call, the load list first. */
const ofEachList =
  <Moves>(keep: (unit: Unit<Client>, told: Told, moves: Moves) => Promise<void>) =>
  async (
    { portCallId, load, discharge }: { portCallId: string; load: Moves; discharge: Moves },
    unit: Unit<Client>,
    { time }: CloudEvent,
  ): Promise<void> => {
    const at = new Date(time)
    await keep(unit, { portCallId, list: 'LOAD', at }, load)
    await keep(unit, { portCallId, list: 'DISCHARGE', at }, discharge)
  }
