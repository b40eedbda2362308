import { defineConsumer } from '@porttrack/shared/events/consumer'
import { eventReading, EventText } from '@porttrack/shared/events/event-reading'
import { Type } from 'typebox'
import type { Client } from './database.ts'
import { noteCall } from './demand/call-moves.store.ts'
import { type FeedReading, Location, nullable } from './feed-reading.ts'

const Moves = Type.Object({ total: Type.Integer({ minimum: 0, maximum: 1_000_000 }) })

/** What of carga's forecast is used here. */
const Forecast = Type.Object({
  portCallId: Type.String({ format: 'uuid' }),
  UNLocationCode: Location,
  agentOrganization: EventText(100),
  terminalOrganization: nullable(EventText(100)),
  load: Moves,
  discharge: Moves,
})

type CargaFeedOptions = FeedReading & { config: { MOVES_PER_GANG: number } }

/** Turns carga's forecast of moves into demand for gangs. */
export const cargaFeed = ({ metrics, log, config }: CargaFeedOptions) =>
  defineConsumer<Client>({
    from: 'carga',
    handlers: {
      'carga.moves.forecast': eventReading<Client>({ metrics, log })(
        Forecast,
        async (data, unit) => {
          const told = {
            portCallId: data.portCallId.toLowerCase(),
            unLocationCode: data.UNLocationCode,
            organization: data.terminalOrganization ?? data.agentOrganization,
            moves: data.load.total + data.discharge.total,
          }
          const terms = { movesPerGang: config.MOVES_PER_GANG, by: 'carga' }
          const outcome = await noteCall(unit, told, terms)
          if (outcome !== null) metrics.demandChanges.inc({ outcome })
        },
      ),
    },
  })
