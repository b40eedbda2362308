import { insertReservation } from './rows.ts'
import type { TestBarcos } from './start-barcos.ts'

let made = 0

/** A berth of 400 m with bollards every 25 m, and a code that no other berth of this run has. */
export const newBerth = (given: object = {}) => ({
  UNLocationCode: 'ESALG',
  code: `JC-${(made += 1)}`,
  name: 'Juan Carlos I',
  quayLength: 400,
  depth: 16,
  bollards: Array.from({ length: 15 }, (_, n) => ({ number: String(n + 1), metre: 25 * (n + 1) })),
  ...given,
})

/** Makes a berth, and fails the test when that is refused. */
export const makeBerth = async (barcos: TestBarcos, given: object = {}) => {
  const answer = await barcos.post('/v1/berths', newBerth(given))
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}

/** An instant so many hours from now. */
export const inHours = (hours: number): Date => new Date(Date.now() + hours * 3_600_000)

/**
 * Gives metres of a berth to the call of a new ship: by default 0 to 200, in one to twelve hours. Holds
 * the berth first, as whoever changes what takes up its metres does.
 */
export const reserve = async (barcos: TestBarcos, berthId: string, given: object = {}) => {
  const vessel = await barcos.registerVessel()
  const call = await barcos.announce(vessel.id)
  return barcos.opened.database.transaction(async ({ tx, sql }) => {
    await sql('SELECT 1 FROM berth WHERE id = $1::uuid FOR UPDATE', [berthId])
    const { id } = await insertReservation(tx, {
      berthId,
      portCallId: call.id,
      startsAt: inHours(1),
      endsAt: inHours(12),
      ...given,
    })
    return { id, portCallId: call.id as string }
  })
}
