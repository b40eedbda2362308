import type { Identity } from '@porttrack/shared/testing/token-issuer'
import fc from 'fast-check'
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest'
import { clearanceLifecycle } from '../src/clearances/clearance.ts'
import { departureLifecycle } from '../src/clearances/departure.ts'
import {
  type PortCallAction,
  portCallActions,
  portCallLifecycle,
} from '../src/port-calls/port-call.ts'
import {
  outstandingStates,
  serviceOrderActions,
  serviceOrderLifecycle,
} from '../src/service-orders/service-order.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { REQUIRED_CLEARANCES: 'CUSTOMS,DUES' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const callers = {
  master: { roles: ['harbour-master'], subject: 'master' },
  planner: { roles: ['berth-planner'], subject: 'planner' },
  terminal: { roles: ['terminal-planner'], subject: 'terminal' },
  agent,
  otherAgent,
  viewer: { roles: ['viewer'], subject: 'viewer' },
  tugs: { roles: ['service-provider'], org: 'tugs', subject: 'tugs' },
  customs: { kind: 'machine', scopes: ['barcos/clearance'], subject: 'customs' },
} as const satisfies Record<string, Identity>
type CallerName = keyof typeof callers

const callerNames = Object.keys(callers) as CallerName[]
const anyCaller = fc.oneof(
  { weight: 4, arbitrary: fc.constant<CallerName>('master') },
  { weight: 1, arbitrary: fc.constantFrom(...callerNames) },
)

/** What ordinarily follows, so that runs lead somewhere. */
const ordinary: Record<string, PortCallAction> = {
  ANNOUNCED: 'approve',
  REJECTED: 'resubmit',
  APPROVED: 'arrive',
  ARRIVED: 'berth',
  ALONGSIDE: 'start',
  WORKING: 'complete',
  COMPLETED: 'depart',
  DEPARTED: 'close',
}

const anyCommand = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('ordinary' as const),
      /** How long ago it happened, if that is said; seconds. */
      ago: fc.option(fc.nat({ max: 60 }), { freq: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      action: fc.constantFrom(...portCallActions),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('clear' as const),
      authority: fc.constantFrom('CUSTOMS', 'DUES', 'HEALTH'),
      state: fc.constantFrom('GRANTED', 'GRANTED', 'REFUSED'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('authorize' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('amend' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('order' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('serve' as const),
      action: fc.constantFrom(...serviceOrderActions),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      /** From now; hours. */
      startsIn: fc.integer({ min: -2, max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('vessel' as const),
      action: fc.constantFrom('release', 'release', 'detain'),
    }),
  },
)
type Command = typeof anyCommand extends fc.Arbitrary<infer C> ? C : never

/** What is sent one after the other, and in each step at once. */
const anySteps = fc.array(
  fc.array(fc.record({ caller: anyCaller, call: fc.nat({ max: 1 }), command: anyCommand }), {
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 10, maxLength: 30 },
)

const byMaster = (call: number) => (command: Command) => ({
  caller: 'master' as const,
  call,
  command,
})
const granted = (authority: 'CUSTOMS' | 'DUES'): Command => ({
  kind: 'clear',
  authority,
  state: 'GRANTED',
})
const toTheEnd: Command[] = [
  { kind: 'order' },
  ...Array.from({ length: 5 }, (): Command => ({ kind: 'ordinary', ago: null })),
  { kind: 'serve', action: 'confirm' },
  { kind: 'serve', action: 'start' },
  { kind: 'serve', action: 'complete' },
  granted('CUSTOMS'),
  granted('DUES'),
  { kind: 'authorize' },
]
/** One call to its end, and one that is refused and whose ship is detained while it departs. */
const wholeLives = [
  ...[...toTheEnd, { kind: 'take', action: 'depart' }, { kind: 'take', action: 'close' }].map(
    (command) => [byMaster(0)(command as Command)],
  ),
  ...[{ kind: 'take', action: 'reject' }, ...toTheEnd].map((command) => [
    byMaster(1)(command as Command),
  ]),
  (
    [
      { kind: 'take', action: 'depart' },
      { kind: 'clear', authority: 'DUES', state: 'REFUSED' },
      { kind: 'vessel', action: 'detain' },
    ] as Command[]
  ).map(byMaster(1)),
]

type Subject = { id: string; ship: { id: string }; berthId: string }

/** Commands that change what belongs to a call, and not the call. */
const beside: ReadonlySet<Command['kind']> = new Set([
  'vessel',
  'clear',
  'order',
  'serve',
  'reserve',
])

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

/** Steps of a ship, which happen at a time. */
const timed: ReadonlySet<PortCallAction> = new Set([
  'arrive',
  'berth',
  'start',
  'complete',
  'depart',
])

let amendments = 0

const send = async (command: Command, as: Identity, { id, ship, berthId }: Subject) => {
  const path = `/v1/port-calls/${id}`
  const headers = { 'if-match': '*' }
  switch (command.kind) {
    case 'clear': {
      const body = {
        state: command.state,
        ...(command.state === 'REFUSED' ? { reason: 'no' } : {}),
      }
      return barcos.request('PUT', `${path}/clearances/${command.authority}`, { as, body, headers })
    }
    case 'authorize':
      return barcos.post(`${path}/departure-authorization`, undefined, { as })
    case 'amend': {
      amendments += 1
      // Never what it was: what changes nothing is no decision.
      const body = { eta: new Date(Date.UTC(2026, 11, 1, 0, 0, amendments)).toISOString() }
      return barcos.request('PATCH', path, { as, body, headers })
    }
    case 'vessel':
      return barcos.post(`/v1/vessels/${ship.id}/${command.action}`, { reason: 'tried' }, { as })
    case 'order': {
      const body = {
        portCallServiceTypeCode: 'TOWAGE',
        portCallPhaseTypeCode: 'INBD',
        providerOrganization: 'tugs',
        requestedDateTime: inHours(1),
      }
      return barcos.post(`${path}/service-orders`, body, { as })
    }
    case 'serve': {
      const { items } = (await barcos.request('GET', `${path}/service-orders`)).body
      const orderId = items.at(-1)?.id ?? '0192f3a0-0000-7000-8000-000000000000'
      const needsReason = command.action === 'deny' || command.action === 'cancel'
      const body = needsReason ? { reason: 'no' } : undefined
      return barcos.post(`/v1/service-orders/${orderId}/${command.action}`, body, { as })
    }
    case 'reserve': {
      const { startsIn } = command
      const body = { berthId, startsAt: inHours(startsIn), endsAt: inHours(startsIn + 6) }
      return barcos.post(`${path}/reservations`, body, { as })
    }
    case 'take':
    case 'ordinary': {
      const { state } = (await barcos.request('GET', path)).body
      const action = command.kind === 'ordinary' ? (ordinary[state] ?? 'close') : command.action
      const told =
        command.kind === 'ordinary' && command.ago !== null && timed.has(action)
          ? { occurredAt: new Date(Date.now() - command.ago * 1_000).toISOString() }
          : undefined
      const body = action === 'reject' ? { reason: 'no' } : told
      return barcos.post(`${path}/${action}`, body, { as })
    }
  }
}

/** Two calls with a reservation at each of two berths, to which each may go now. */
const makeCalls = async (): Promise<Subject[]> => {
  const subjects: Subject[] = []
  for (let n = 0; n < 2; n += 1) {
    const ship = await barcos.registerVessel({ vesselIMONumber: undefined })
    const { id } = await barcos.announce(ship.id)
    const berthId = await barcos.berth()
    await barcos.reserve(id, berthId, { startsAt: inHours(-1), endsAt: inHours(12) })
    await barcos.reserve(id, await barcos.berth(), { startsAt: inHours(12), endsAt: inHours(24) })
    subjects.push({ id, ship, berthId })
  }
  return subjects
}

type DecisionRow = { action: string; from_state: string | null; to_state: string }

/** The state, and whether departure is authorised, by what was kept of a call. */
const replay = (decisions: readonly DecisionRow[]) => {
  let state: string | null = null
  let departure = 'NONE'
  const table: Record<string, { from: readonly string[]; to: string }> = portCallLifecycle.actions
  for (const { action, from_state: from, to_state: to } of decisions) {
    expect(from).toBe(state)
    if (action === 'announce') expect(to).toBe('ANNOUNCED')
    else if (action === 'amend') expect(to).toBe(from)
    else if (action === 'authorize-departure' || action === 'withdraw-departure') {
      expect(to).toBe(from)
      const step =
        departureLifecycle.actions[action === 'authorize-departure' ? 'authorize' : 'withdraw']
      expect(step.from).toContain(departure)
      departure = step.to
    } else {
      expect(table[action]?.from).toContain(from)
      expect(to).toBe(table[action]?.to)
      if (action === 'depart') expect(departure).toBe('AUTHORIZED')
    }
    state = to
  }
  return { state, departure }
}

const check = async ({ id, ship }: Subject, accepted: number): Promise<void> => {
  const { sql } = barcos.opened.database
  const call = (await barcos.request('GET', `/v1/port-calls/${id}`)).body
  const decisions = await sql<DecisionRow>(
    `SELECT action, from_state, to_state FROM port_call_decision
     WHERE port_call_id = $1::uuid ORDER BY decided_at, id`,
    [id],
  )
  const replayed = replay(decisions)
  expect(replayed.state).toBe(call.state)
  expect(replayed.departure === 'AUTHORIZED').toBe(call.departureAuthorizedAt !== null)
  // Each decision is one version; what withdraws of itself is a decision besides that of who was answered.
  expect(call.version).toBe(decisions.length)
  const ofThemselves = decisions.filter(({ action }) => action === 'withdraw-departure')
  expect(decisions.length - ofThemselves.length - 1).toBe(accepted)

  const clearances = (await barcos.request('GET', `/v1/port-calls/${id}/clearances`)).body.items
  for (const { state, history, version } of clearances) {
    let now: string = 'PENDING'
    for (const { from, to } of history) {
      expect(from).toBe(now)
      const steps = Object.values(clearanceLifecycle.actions).filter((step) => step.to === to)
      expect(steps.some((step) => (step.from as readonly string[]).includes(from))).toBe(true)
      now = to
    }
    expect(state).toBe(now)
    expect(version).toBe(history.length + 1)
  }
  await checkOrders(id, call.state)
  const { body: rebuilt } = await barcos.post(`/v1/port-calls/${id}/rebuild`)
  const codes = rebuilt.contradictions.map(({ code }: { code: string }) => code)
  expect(codes).not.toContain('STEP_AT_OTHER_TIME')
  expect(codes).not.toContain('STEP_NOT_TAKEN')

  const wasApproved = decisions.some(({ action }) => action === 'approve')
  expect(clearances).toHaveLength(wasApproved ? 2 : 0)

  const left = ['DEPARTED', 'CLOSED'].includes(call.state)
  const granted = clearances.every(({ state }: { state: string }) => state === 'GRANTED')
  if (call.departureAuthorizedAt !== null) expect(granted).toBe(true)
  const vessel = (await barcos.request('GET', `/v1/vessels/${ship.id}`)).body
  if (vessel.state === 'DETAINED' && !left) expect(call.departureAuthorizedAt).toBeNull()

  const stays = await sql<{ lies: boolean; waits: boolean }>(
    `SELECT alongside_from IS NOT NULL AND alongside_to IS NULL AS lies,
            alongside_from IS NULL AND released_at IS NULL AS waits
     FROM berth_occupancy WHERE port_call_id = $1::uuid`,
    [id],
  )
  const lies = ['ALONGSIDE', 'WORKING', 'COMPLETED'].includes(call.state)
  expect(stays.filter((stay) => stay.lies)).toHaveLength(lies ? 1 : 0)
  if (left || ['OMITTED', 'CANCELLED', 'REJECTED'].includes(call.state)) {
    expect(stays.filter((stay) => stay.waits)).toEqual([])
  }
}

/** The orders of a call are in the state that their history leads to, and none outlives its call. */
const checkOrders = async (callId: string, callState: string): Promise<void> => {
  const { items } = (
    await barcos.request('GET', `/v1/port-calls/${callId}/service-orders?limit=200`)
  ).body
  for (const { state, decisions, version } of items) {
    let now: string | null = null
    for (const { action, from, to } of decisions) {
      expect(from).toBe(now)
      if (action === 'request') expect(to).toBe('REQUESTED')
      else expect(serviceOrderLifecycle.nextState(from, action)).toBe(to)
      now = to
    }
    expect(state).toBe(now)
    expect(version).toBe(decisions.length)
    if (['CLOSED', 'OMITTED', 'CANCELLED'].includes(callState)) {
      expect(outstandingStates).not.toContain(state)
    }
  }
}

describe('whatever is sent, by whomever and at once', () => {
  it('brings port calls into no state that their tables do not have, and refuses by 4xx', async () => {
    const reached = new Set<string>()
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const subjects = await makeCalls()
        const accepted = [0, 0]
        for (const step of steps) {
          const answers = await Promise.all(
            step.map(async ({ caller, call, command }) => {
              const subject = subjects[call]
              assert(subject)
              const answer = await send(command, callers[caller], subject)
              return { answer, caller, call, command }
            }),
          )
          for (const { answer, caller, call, command } of answers) {
            const { status } = answer
            expect({ command, status, text: answer.text }).toMatchObject({
              status: expect.toSatisfy(
                (code: number) => code === 200 || code === 201 || (code > 399 && code < 500),
              ),
            })
            const mayNot = caller === 'viewer' || caller === 'otherAgent'
            if (mayNot) expect([403, 404]).toContain(status)
            const ofCall = !beside.has(command.kind)
            if (status === 200 && ofCall) accepted[call] = (accepted[call] ?? 0) + 1
            if (ofCall && status === 200) reached.add(answer.body.state)
          }
        }
        for (const [call, subject] of subjects.entries()) await check(subject, accepted[call] ?? 0)
      }),
      { numRuns: 20, endOnFailure: true, examples: [[wholeLives]] },
    )
    expect([...reached]).toEqual(
      expect.arrayContaining(['REJECTED', 'WORKING', 'DEPARTED', 'CLOSED']),
    )
  })
})
