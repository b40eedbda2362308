import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { insertBerth } from './rows.ts'
import type { TestBarcos } from './start-barcos.ts'

export const planner: Identity = { roles: ['berth-planner'], subject: 'planner' }

/** A berth of 1,000 m at Algeciras, deep enough for any ship, unless said otherwise. */
export const makeBerth = ({ opened }: TestBarcos, given: object = {}) =>
  insertBerth(opened.database.client, { quayLength: 1_000, depth: 20, ...given })

type Ship = { vessel?: object; call?: object }

/** A call at Algeciras of a ship of 200 m that draws 10 m, unless said otherwise. */
export const makeCall = async (barcos: TestBarcos, { vessel = {}, call = {} }: Ship = {}) => {
  const { id } = await barcos.registerVessel({
    lengthOverall: 200,
    beam: 32,
    maximumDraft: 12,
    ...vessel,
  })
  return barcos.announce(id, { declaredArrivalDraft: 10, ...call })
}

/** Hour `n` after midnight UTC of 1 December 2046: what is planned lies ahead whenever tests run. */
export const hour = (n: number): string => new Date(Date.UTC(2046, 11, 1, n)).toISOString()

/** Asks to reserve; from hour 0 to hour 24 unless said otherwise. */
export const reserve = (barcos: TestBarcos, callId: string, given: object, headers = {}) =>
  barcos.post(
    `/v1/port-calls/${callId}/reservations`,
    { startsAt: hour(0), endsAt: hour(24), ...given },
    { as: planner, headers },
  )

/** Reserves, and fails the test when that is refused. */
export const mustReserve = async (...given: Parameters<typeof reserve>) => {
  const answer = await reserve(...given)
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}

/** Codes of the conditions that an answer names, in its order. */
export const codesOf = (answer: { body: { errors?: { code?: string }[] } }) =>
  (answer.body.errors ?? []).map(({ code }) => code)
