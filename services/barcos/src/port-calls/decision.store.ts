import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { eventOf } from '@porttrack/shared/events/define-events'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Text } from '@porttrack/shared/http/language'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import { type Authority, requiredAuthorities } from '../clearances/clearance.ts'
import { askForClearances } from '../clearances/clearance.store.ts'
import { withdrawDeparture } from '../clearances/departure.store.ts'
import type { Client } from '../database.ts'
import { events } from '../events.ts'
import type { Reporter, Source } from '../reporter.ts'
import type { NewTimestamp, Timestamp } from '../timestamps/timestamp.schema.ts'
import { recordTimestamp } from '../timestamps/timestamp-recording.store.ts'
import { laterMisfits } from '../reservations/berth-fit.ts'
import { type Margins, marginsOf } from '../reservations/margins.ts'
import { holdBerths, obstacleOf, occupanciesBefore } from '../reservations/occupancy.store.ts'
import type { Obstacle } from '../reservations/reservation.ts'
import { type CallWithShip, shipOf as particularsOf } from '../reservations/reservation.store.ts'
import { reasonGiven } from '../text.ts'
import { cancelOrders } from '../service-orders/service-order.store.ts'
import { moveShip, reservationsOf } from './alongside.store.ts'
import {
  berthsOf,
  conditionsOf,
  goesToBerth,
  latestOf,
  type Reservation,
  type Situation,
  type StepTimestamp,
  stepSeen,
  timeFaults,
  timestampsOf,
  unmetConditions,
} from './decision.ts'
import type { DecisionBody } from './decision.schema.ts'
import {
  nextState,
  type PortCallAction,
  type PortCallCondition,
  portCallErrors,
  portCallFaults,
  type PortCallState,
} from './port-call.ts'
import type { PortCall } from './port-call.schema.ts'
import {
  callParties,
  columnsOf,
  inState,
  lockCall,
  portCallOf,
  requireCall,
  requireCallAndShip,
  requireOwn,
  requireRunning,
  shipOf,
  withVessel,
} from './port-call.store.ts'
import { situationOf } from './situation.store.ts'
import type { Visibility } from './visibility.ts'

/** A decision about a call, before it is taken. */
type NewDecision = {
  id: string
  action: PortCallAction
  /** The version it is meant for. */
  version: number | '*'
  visibility: Visibility
  reporter: { source: Source; subject: string }
  body: DecisionBody
  /** When the ship left the berth again that the step brings it to; null while it lies there. */
  leftAt?: Date | null
}

type DecisionStoreOptions = {
  /** Whose clearance a call needs, once it is approved. */
  clearances: readonly Authority[]
  /** How much room a ship must have at a berth. */
  margins: Margins
}

type DecisionSettings = Parameters<typeof marginsOf>[0] & { REQUIRED_CLEARANCES: string }

type Taken = { call: PortCall; recorded: Timestamp[] }

/** Keeps the actual timestamp that a step is; faults are told at `pointer`. */
type Recorder = (timestamp: NewTimestamp, pointer: string) => Promise<Timestamp>

/** Decisions about port calls, which bring them from one state into another. */
export const decisionStore = (config: DecisionSettings) => {
  const options: DecisionStoreOptions = {
    clearances: requiredAuthorities(config.REQUIRED_CLEARANCES),
    margins: marginsOf(config),
  }
  return {
    /**
     * Takes a decision: brings the call into the state that the action leads to, keeps who, when and
     * why, and records the actual timestamps that a step with a time is.
     *
     * @throws ProblemError 404, also for a call that the caller may not know of; 412; 409 when the
     *   state does not allow it or naming each condition that is not met; 422 when a time or what is
     *   declared anew breaks a rule
     */
    decide: (unit: Unit<Client>, given: NewDecision & { reporter: Reporter }): Promise<Taken> =>
      takeDecision(unit, given, {
        ...options,
        record: async (stamp, pointer) => {
          const { timestamp } = await recordTimestamp(unit, stamp, {
            portCallId: given.id,
            visibility: given.visibility,
            reporter: given.reporter,
            speaker: 'ANY',
            breaches: 'refuse',
            pointer,
          })
          return timestamp
        },
      }),

    /**
     * Takes a step, as `decide` does, of which the timestamps are there already.
     *
     * @param given.leftAt when the ship left the berth again that the step brought it to: of a stay
     *   that is over only what lay there then stands in its way
     * @throws ProblemError as `decide`
     */
    retrace: (
      unit: Unit<Client>,
      given: NewDecision & { reporter: Reporter; leftAt: Date | null },
    ): Promise<Taken> => takeDecision(unit, given, { ...options, record: null }),

    /**
     * Omits a call as the ship's side has told elsewhere than by a decision; the call must be held.
     *
     * @returns why the state of the call does not allow it; null when it was omitted
     */
    omitTold: async (unit: Unit<Client>, id: string, reporter: Reporter): Promise<Text | null> => {
      const { state } = portCallOf(await requireCallAndShip(unit.tx, id, 'all'))
      if (nextState(state, 'omit') === null) return inState(state)
      const omission = { id, action: 'omit', version: '*', visibility: 'all', body: {} } as const
      await takeDecision(unit, { ...omission, reporter }, { ...options, record: null })
      return null
    },
  }
}

export type DecisionStore = ReturnType<typeof decisionStore>

/**
 * Takes the step that AIS saw a ship take, at the time of the sighting. One that the state, the
 * conditions or the times before it do not allow is not taken, and is no fault.
 *
 * @returns whether it was taken
 */
export const takeStepSeen = async (
  unit: Unit<Client>,
  sighted: Timestamp,
  margins: Margins,
): Promise<boolean> => {
  const id = sighted.portCallId
  if (id === null) return false
  await lockCall(unit.sql, id)
  const call = await requireCall(unit.tx, id, 'all')
  const step = stepSeen(
    { ...sighted, facilityCode: sighted.serviceLocation.facilityCode },
    { state: call.state as PortCallState, reservations: await reservationsOf(unit, id) },
  )
  if (step === null) return false
  const { action, reservationId } = step
  const decision: NewDecision = {
    id,
    action,
    version: '*',
    visibility: 'all',
    // Whose feed it was.
    reporter: { source: 'AIS', subject: 'rutas' },
    body: {
      occurredAt: sighted.serviceDateTime,
      ...(action === 'shift' ? { arrivedAt: sighted.serviceDateTime } : {}),
      ...(reservationId === undefined ? {} : { reservationId }),
    },
  }
  // A step that runs into a constraint is undone by itself, and the sighting stays.
  await unit.sql('SAVEPOINT step_seen')
  try {
    // The timestamp is there already. Approval is nobody's but the port's: no clearance is asked for.
    await takeDecision(unit, decision, { record: null, clearances: [], margins })
    return true
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    await unit.sql('ROLLBACK TO SAVEPOINT step_seen')
    return false
  }
}

const takeDecision = async (
  unit: Unit<Client>,
  given: NewDecision,
  { record, clearances, margins }: DecisionStoreOptions & { record: Recorder | null },
): Promise<Taken> => {
  const { tx, sql, publish } = unit
  const { id, action, reporter, leftAt = null } = given
  const { reason = null, occurredAt, arrivedAt, reservationId, ...redeclared } = given.body
  await lockCall(sql, id)
  const row = await requireCallAndShip(tx, id, given.visibility)
  requireOwn(row, given.visibility)
  const present = portCallOf(row)
  assertVersion(given.version, present.version)
  const to = requireNextState(present.state, action)

  const decidedAt = new Date()
  const reservations = await reservationsOf(unit, id)
  const at = new Date(arrivedAt ?? occurredAt ?? decidedAt)
  const berths = berthsOf(reservations, { state: present.state, named: reservationId, at })
  const situation: Situation = {
    ...(await situationOf(tx, row)),
    ...berths,
    ...(goesToBerth(action) && berths.goingTo !== null
      ? {
          misfits: await misfitsOf(unit, { call: row, goingTo: berths.goingTo, margins }),
          inTheWay: await inTheWayOf(sql, {
            goingTo: berths.goingTo,
            at,
            leftAt,
            portCallId: id,
            visibility: given.visibility,
          }),
        }
      : {}),
  }
  const faults = [
    ...portCallFaults({ ...present, ...redeclared }),
    ...timeFaults(
      { occurredAt, arrivedAt },
      {
        now: decidedAt.getTime(),
        latest: latestOf([await lastStepOf(tx, id), situation.lyingAt?.alongsideFrom ?? null]),
      },
    ),
  ]
  if (faults.length > 0) {
    throw new ProblemError(portCallErrors.PORT_CALL_INVALID, { errors: faults })
  }
  const unmet = unmetConditions(conditionsOf(action), situation)
  if (unmet.length > 0) {
    throw new ProblemError(portCallErrors.PORT_CALL_CONDITIONS_UNMET, { errors: unmet })
  }

  const recorded: Timestamp[] = []
  for (const step of timestampsOf(action, situation)) {
    const time = given.body[step.property]
    if (time === undefined || record === null) continue
    recorded.push(await recordStep(step, { time, situation, record }))
  }
  if (action === 'cancel' || action === 'omit') {
    await cancelOrders(unit, { portCallId: id, reason: reason ?? calledOff[action], reporter })
  }
  if (action === 'approve') await askForClearances(unit, id, clearances)
  if (goesToBerth(action)) {
    await withdrawDeparture(unit, row, { reporter, reason: goesToABerth, at: decidedAt })
  }
  await moveShip(unit, { portCallId: id, action, situation, leftAt, body: given.body }).catch(
    nameTaken,
  )
  const call = portCallOf(
    await tx.portCall.update({
      where: { id },
      data: {
        ...columnsOf(redeclared),
        state: to,
        version: { increment: 1 },
        updatedAt: decidedAt,
      },
      include: withVessel,
    }),
  )
  await tx.portCallDecision.create({
    data: {
      id: uuidv7(),
      portCallId: id,
      action,
      fromState: present.state,
      toState: to,
      reason,
      source: reporter.source,
      decidedBy: reporter.subject,
      decidedAt,
      occurredAt: occurredAt === undefined ? null : new Date(occurredAt),
    },
  })
  publish(
    eventOf(events, 'barcos.port-call.state-changed', {
      subject: id,
      data: {
        portCallId: id,
        ...callParties(call),
        ...shipOf(call),
        UNLocationCode: call.UNLocationCode,
        eta: call.eta,
        etd: call.etd,
        action,
        from: present.state,
        to,
        reason,
        occurredAt: occurredAt === undefined ? null : new Date(occurredAt).toISOString(),
        source: reporter.source,
        berthId: situation[goesToBerth(action) ? 'goingTo' : 'lyingAt']?.berthId ?? null,
      },
    }),
  )
  return { call, recorded }
}

type Going = {
  goingTo: Reservation
  at: Date
  leftAt: Date | null
  portCallId: string
  visibility: Visibility
}

/** What a ship has come to break at the berth that it goes to, since that was reserved. */
const misfitsOf = async (
  { tx, sql }: Unit<Client>,
  { call, goingTo, margins }: { call: CallWithShip; goingTo: Reservation; margins: Margins },
): Promise<Fault[]> => {
  const [berth] = await holdBerths(sql, [goingTo.berthId])
  const reserved = await tx.berthOccupancy.findUniqueOrThrow({ where: { id: goingTo.id } })
  if (!berth) return []
  return laterMisfits({
    ship: particularsOf(call),
    berth,
    cargo: reserved,
    margins,
    predictedTide: reserved.predictedTide,
    hull: goingTo,
  })
}

/** What keeps a ship from the metres that it goes to, as a caller may know it. */
const inTheWayOf = async (
  sql: Sql,
  { goingTo, at, leftAt, portCallId, visibility }: Going,
): Promise<Obstacle[]> => {
  const window = { from: at, to: goingTo.startsAt }
  const rows = await occupanciesBefore(sql, { place: goingTo, window, leftAt, portCallId })
  return rows.map((row) => obstacleOf(row, visibility))
}

/**
 * What the database keeps apart is refused like any other unmet condition: the ship would take metres
 * from a time on at which another still has them.
 */
const nameTaken = (error: unknown): never => {
  if (!violatedConstraint(error)?.startsWith('berth_occupancy_')) throw error
  throw new ProblemError(portCallErrors.PORT_CALL_CONDITIONS_UNMET, {
    errors: [
      {
        pointer: '#',
        code: 'METRES_CLEAR' satisfies PortCallCondition,
        detail: {
          en: 'at that time another reservation has the metres, or the ship another berth',
          es: 'en ese momento otra reserva ocupa los metros, o el buque otro atraque',
        },
      },
    ],
    cause: error,
  })
}

/** Why orders of a call are cancelled with it, when nothing else is said. */
const calledOff = {
  cancel: reasonGiven({ en: 'the port call was cancelled', es: 'la escala fue anulada' }),
  omit: reasonGiven({ en: 'the port call was omitted', es: 'la escala fue omitida' }),
}

const goesToABerth = reasonGiven({
  en: 'the ship goes to a berth',
  es: 'el buque va a un atraque',
})

const requireNextState = (state: PortCallState, action: PortCallAction): PortCallState => {
  requireRunning({ state })
  const next = nextState(state, action)
  if (next === null) {
    const detail = {
      en: `It is ${state}, from where "${action}" does not lead on`,
      es: `Está en ${state}, desde donde "${action}" no lleva a ningún estado`,
    }
    throw new ProblemError(portCallErrors.PORT_CALL_NOT_IN_STATE, { detail })
  }
  return next
}

/** When the last step of a call happened, as far as that was said. */
const lastStepOf = async (tx: Client, portCallId: string): Promise<Date | null> => {
  const last = await tx.portCallDecision.findFirst({
    where: { portCallId, occurredAt: { not: null } },
    orderBy: { occurredAt: 'desc' },
    select: { occurredAt: true },
  })
  return last?.occurredAt ?? null
}

/** @throws ProblemError 422 naming each breach, at the property that gives the time */
const recordStep = (
  { property, berth, ...service }: StepTimestamp,
  { time, situation, record }: { time: string; situation: Situation; record: Recorder },
): Promise<Timestamp> => {
  const place = berth === null ? null : situation[berth]
  const stamp: NewTimestamp = {
    ...service,
    classifierCode: 'ACT',
    serviceDateTime: time,
    ...(place === null ? {} : { locationName: place.berthName }),
  }
  return record(stamp, `#/${property}`)
}
