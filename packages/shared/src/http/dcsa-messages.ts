import type { FastifyInstance, FastifyRequest } from 'fastify'
import { kitErrors } from './errors.ts'
import type { Text } from './language.ts'
import { type Fault, ProblemError, problemOf } from './problem.ts'

/** As many items as are recorded well within the time that a request has. */
export const mostItems = 200

/** One item of a message that is well formed, and its place among the others. */
export type ReceivedItem<Item> = { index: number; item: Item }

/**
 * Tells the items of a message that are well formed from the faults of the others: one bad item must
 * not stop the rest. The route needs `attachValidation` and `judgesText`.
 *
 * @param list name of the message's list
 * @throws ProblemError 400 for a message that is no such list, or has only bad items
 */
export const sortOut = <Item extends object>(
  request: FastifyRequest,
  { list, missing }: { list: string; missing: (item: Item) => Fault[] },
): { received: ReceivedItem<Item>[]; faults: Fault[] } => {
  const faults: Fault[] = [
    ...(request.validationError ? (problemOf(request.validationError).errors ?? []) : []),
    ...(request.textFaults ?? []),
  ]
  const ofItem = new RegExp(`^#/${list}/(\\d+)(?:/|$)`)
  const places = faults.map(({ pointer }) => ofItem.exec(pointer)?.[1])
  if (places.includes(undefined)) {
    throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors: faults })
  }
  const bad = new Set(places.map(Number))
  const sent = (request.body as Record<string, Item[]>)[list] ?? []
  const received = sent.flatMap((item, index): ReceivedItem<Item>[] => {
    if (bad.has(index)) return []
    const found = missing(item)
    faults.push(
      ...found.map((fault) => ({
        ...fault,
        pointer: `#/${list}/${index}${fault.pointer.slice(1)}`,
      })),
    )
    return found.length === 0 ? [{ index, item }] : []
  })
  if (received.length === 0 && faults.length > 0) {
    throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors: faults })
  }
  return { received, faults }
}

const items: Text = { en: 'items', es: 'elementos' }

/**
 * @param called how people call what the list holds
 * @throws ProblemError 413 for a message of more items than are taken at once
 */
export const requireFewItems = (
  { body }: Pick<FastifyRequest, 'body'>,
  list: string,
  called: Text = items,
): void => {
  const sent = (body as Record<string, unknown> | null)?.[list]
  if (!Array.isArray(sent) || sent.length <= mostItems) return
  throw new ProblemError(kitErrors.PAYLOAD_TOO_LARGE, {
    detail: {
      en: `At most ${mostItems} ${called.en} are taken in one message`,
      es: `Se admiten ${mostItems} ${called.es} por mensaje como máximo`,
    },
  })
}

/** What is said of an event without its id. */
export const noEventId: Fault = {
  pointer: '#/eventID',
  detail: {
    en: 'is missing: without it, the event could not be told from the same one sent again',
    es: 'falta: sin él no se distinguiría el evento de su reenvío',
  },
}

/** Between two parties that talk through a proxy, the answer goes back the way the request came. */
export const answerTheWayBack = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const { 'request-sending-party': sender, 'request-receiving-party': receiver } = request.headers
    if (receiver !== undefined) reply.header('response-sending-party', receiver)
    if (sender !== undefined) reply.header('response-receiving-party', sender)
    done()
  })
}
