import type { Caller } from '@porttrack/shared/auth/caller'
import { insertAll } from '@porttrack/shared/database/insert-all'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { isTimeZone } from '@porttrack/shared/time/local-time'
import { v7 as uuidv7 } from 'uuid'
import type { Client, PersonalDatabase, ShiftRotationRow } from '../database.ts'
import { templateOf } from '../gang-templates/gang-template.store.ts'
import { portFaults, shiftFaults } from '../shifts/shift.ts'
import { positionsOf } from '../shifts/shift.store.ts'
import {
  daysOf,
  outOfReach,
  planFaults,
  recurrenceFaults,
  shiftRotationErrors,
  windowOn,
} from './shift-rotation.ts'
import type {
  NewShiftRotation,
  PlannedDays,
  PlanSpan,
  ShiftRotation,
  ShiftRotationQuery,
} from './shift-rotation.schema.ts'

type ShiftRotationStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  /** IANA zone of the port, by whose clock a rotation goes that names none. */
  timeZone: string
}

/** Which rotation is changed, and the version the change is meant for. */
type Change = { id: string; version: number | '*' }

/** Shifts that recur: rows in, `ShiftRotation` out. */
export const shiftRotationStore = ({ database, cursors, timeZone }: ShiftRotationStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: (id: string): Promise<ShiftRotation> => requireRotation(database.client, id),

  /** One page of the rotations that a query names, by name. */
  list: async (query: ShiftRotationQuery): Promise<Page<ShiftRotation>> => {
    const keys = [{ field: 'name' as const, descending: false }]
    const { orderBy, where } = keysetOf(keys, cursors.read('shift-rotations', query))
    const { gangTemplateId, limit = 50 } = query
    const found = await database.client.shiftRotation.findMany({
      where: { AND: [gangTemplateId === undefined ? {} : { gangTemplateId }, where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('shift-rotations', query, { found, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(rotationOf) }
  },

  /** @throws ProblemError 422 naming every fault, 409 when the name is taken */
  create: async (
    { tx }: Unit<Client>,
    { caller, given }: { caller: Caller; given: NewShiftRotation },
  ): Promise<ShiftRotation> => {
    await requireSound(tx, given)
    const row = { id: uuidv7(), createdBy: caller.subject, ...columnsOf(given, timeZone) }
    const { count } = await tx.shiftRotation.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw new ProblemError(shiftRotationErrors.SHIFT_ROTATION_EXISTS)
    return requireRotation(tx, row.id)
  },

  /**
   * Replaces a rotation. Shifts that it has made stay as they are, and no other is made for their days.
   *
   * @throws ProblemError 404, 412, 422 naming every fault, 409 when the name is taken
   */
  replace: async (
    unit: Unit<Client>,
    { given, ...change }: Change & { given: NewShiftRotation },
  ): Promise<ShiftRotation> => {
    await lockRotation(unit, change)
    await requireSound(unit.tx, given)
    const row = await unit.tx.shiftRotation
      .update({
        where: { id: change.id },
        data: { ...columnsOf(given, timeZone), version: { increment: 1 }, updatedAt: new Date() },
      })
      .catch((error: unknown) => {
        throw violatedConstraint(error) === 'shift_rotation_name_key'
          ? new ProblemError(shiftRotationErrors.SHIFT_ROTATION_EXISTS)
          : error
      })
    return rotationOf(row)
  },

  /**
   * Removes a rotation. Shifts that it has made stay.
   *
   * @throws ProblemError 404, 412
   */
  remove: async (unit: Unit<Client>, change: Change): Promise<void> => {
    await lockRotation(unit, change)
    await unit.tx.shiftRotation.delete({ where: { id: change.id } })
  },

  /**
   * Makes a draft for each day of a span on which the rotation has a shift and has made none: one that
   * was cancelled or moved since is not made again.
   *
   * @throws ProblemError 404, 422 for a span that is none
   */
  plan: async (
    unit: Unit<Client>,
    { caller, id, span }: { caller: Caller; id: string; span: PlanSpan },
  ): Promise<PlannedDays> => {
    const errors = planFaults(span)
    if (errors.length > 0) {
      throw new ProblemError(shiftRotationErrors.SHIFT_ROTATION_INVALID, { errors })
    }
    // Two who plan at once plan one after the other.
    await lockRotation(unit, { id, version: '*' })
    const row = await unit.tx.shiftRotation.findUniqueOrThrow({
      where: { id },
      include: { gangTemplate: true },
    })
    const rotation = rotationOf(row)
    const { kindOfWork, positions } = templateOf(row.gangTemplate)
    const present = await unit.tx.shift.findMany({
      where: {
        rotationId: rotation.id,
        rotationDay: { gte: new Date(span.from), lte: new Date(span.to) },
      },
      select: { id: true, rotationDay: true },
    })
    const shiftOn = new Map(present.map((shift) => [dayOf(shift.rotationDay), shift.id]))
    const days = findDays(rotation, span).map((day) => ({ day, window: windowOn(day, rotation) }))
    const lasting = days.filter(({ window }) => shiftFaults(window).length === 0)
    const made = lasting
      .filter(({ day }) => !shiftOn.has(day))
      .map(({ day, window }) => ({
        id: uuidv7(),
        state: 'DRAFT',
        createdBy: caller.subject,
        unLocationCode: rotation.UNLocationCode,
        place: rotation.place,
        kindOfWork,
        emergency: false,
        startsAt: window.from,
        endsAt: window.to,
        rotationId: rotation.id,
        rotationDay: new Date(day),
      }))
    await unit.tx.shift.createMany({ data: made })
    const rows = made.flatMap(({ id: shiftId }) =>
      positionsOf({ positions }).map((position) => ({ ...position, shiftId })),
    )
    await insertAll(unit.sql, 'shift_position', rows)
    const madeOn = new Map(made.map((shift) => [dayOf(shift.rotationDay), shift.id]))
    return {
      items: lasting.flatMap(({ day }) => {
        const shiftId = madeOn.get(day) ?? shiftOn.get(day)
        return shiftId === undefined ? [] : [{ day, shiftId, made: madeOn.has(day) }]
      }),
      leftOut: days.filter((each) => !lasting.includes(each)).map(({ day }) => day),
    }
  },
})

export type ShiftRotationStore = ReturnType<typeof shiftRotationStore>

/** @throws ProblemError 404 */
const requireRotation = async (client: Client, id: string): Promise<ShiftRotation> => {
  const row = await client.shiftRotation.findUnique({ where: { id } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return rotationOf(row)
}

/** @throws ProblemError 404, 412 */
const lockRotation = async ({ tx, sql }: Unit<Client>, { id, version }: Change): Promise<void> => {
  await sql('SELECT 1 FROM shift_rotation WHERE id = $1::uuid FOR UPDATE', [id])
  assertVersion(version, (await requireRotation(tx, id)).version)
}

/** @throws ProblemError 422 naming every fault */
const requireSound = async (tx: Client, given: NewShiftRotation): Promise<void> => {
  const { timeZone, gangTemplateId, rule, firstDay, exceptDays = [] } = given
  const template = await tx.gangTemplate.findUnique({
    where: { id: gangTemplateId },
    select: { id: true },
  })
  const errors: Fault[] = [
    ...portFaults(given.UNLocationCode),
    ...recurrenceFaults({ rule, firstDay, exceptDays }),
    ...(timeZone === undefined || isTimeZone(timeZone)
      ? []
      : [
          {
            pointer: '#/timeZone',
            detail: {
              en: 'names no time zone of the IANA database',
              es: 'no nombra ninguna zona horaria de la base de datos de IANA',
            },
          },
        ]),
    ...(template
      ? []
      : [
          {
            pointer: '#/gangTemplateId',
            detail: { en: 'is no gang template', es: 'no es una plantilla de mano' },
          },
        ]),
  ]
  if (errors.length > 0) {
    throw new ProblemError(shiftRotationErrors.SHIFT_ROTATION_INVALID, { errors })
  }
}

const columnsOf = (given: NewShiftRotation, timeZone: string) => ({
  name: given.name,
  gangTemplateId: given.gangTemplateId,
  unLocationCode: given.UNLocationCode,
  place: given.place ?? null,
  timeZone: given.timeZone ?? timeZone,
  firstDay: new Date(given.firstDay),
  rule: given.rule,
  exceptDays: (given.exceptDays ?? []).map((day) => new Date(day)),
  startTime: given.startTime,
  endTime: given.endTime,
})

/** The day that a column of type DATE holds, `YYYY-MM-DD`. */
const dayOf = (date: Date | null): string => date?.toISOString().slice(0, 10) ?? ''

const rotationOf = (row: ShiftRotationRow): ShiftRotation => ({
  id: row.id,
  name: row.name,
  gangTemplateId: row.gangTemplateId,
  UNLocationCode: row.unLocationCode,
  place: row.place,
  timeZone: row.timeZone,
  firstDay: dayOf(row.firstDay),
  rule: row.rule,
  exceptDays: row.exceptDays.map(dayOf),
  startTime: row.startTime,
  endTime: row.endTime,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})

/** @throws ProblemError 422 where the days are not found in time */
const findDays = (rotation: ShiftRotation, span: PlanSpan): string[] => {
  try {
    return daysOf(rotation, span)
  } catch (cause) {
    throw new ProblemError(shiftRotationErrors.SHIFT_ROTATION_INVALID, {
      errors: [outOfReach],
      cause,
    })
  }
}
