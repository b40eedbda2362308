import type { Fragment } from '@porttrack/ais/sentence'
import type { Batch } from './batch.ts'
import type { IncomingMessage } from './intake.ts'

/** A message as a row of JSON: in this order, without names, since there are thousands. */
type Row = [
  payload: string,
  fillBits: number,
  type: number,
  mmsi: number | null,
  time: number,
  ownTime: boolean,
  arrival: number,
  source: string | null,
]

type Written = {
  sender: string
  messages: Row[]
  partsToKeep: readonly Fragment[]
  partsToDrop: readonly string[]
}

/** A batch as text, for another replica of the same version or a later one. */
export const batchText = ({ sender, messages, partsToKeep, partsToDrop }: Batch): string =>
  JSON.stringify({
    sender,
    messages: messages.map(
      ({ payload, fillBits, type, mmsi, time, ownTime, arrival, source }): Row => [
        payload,
        fillBits,
        type,
        mmsi,
        time,
        ownTime,
        arrival,
        source,
      ],
    ),
    partsToKeep,
    partsToDrop,
  } satisfies Written)

/** Reads what `batchText` has written. */
export const readBatch = (text: string): Batch => {
  const { messages, ...same } = JSON.parse(text) as Written
  return {
    ...same,
    messages: messages.map(
      ([payload, fillBits, type, mmsi, time, ownTime, arrival, source]): IncomingMessage => ({
        payload,
        fillBits,
        type,
        mmsi,
        time,
        ownTime,
        arrival,
        source,
      }),
    ),
  }
}
