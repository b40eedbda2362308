import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { ApproachPlaceRow, BarcosDatabase, Client } from '../database.ts'
import { events } from '../events.ts'
import { rightHanded } from '../places/geometry.ts'
import type { PlaceChange } from '../places/place-change.ts'
import { placeFilterOf, placeKeysOf } from '../places/place-list.ts'
import type { PlaceQuery } from '../places/place.schema.ts'
import { nameKeyOf } from '../vessels/vessel.ts'
import {
  type ApproachPlaceAction,
  approachPlaceErrors,
  approachPlaceFaults,
  type ApproachPlaceKind,
  approachPlaceLifecycle,
} from './approach-place.ts'
import type { ApproachPlace, ApproachPlaceInput } from './approach-place.schema.ts'

type ApproachPlaceStoreOptions = {
  kind: ApproachPlaceKind
  database: BarcosDatabase
  cursors: Cursors
}

/** Which place a change is for, and the version that it is meant for. */
type Wanted = { id: string; version: number | '*' }

/** Anchorages, or pilot boarding places: rows in, `ApproachPlace` out. */
export const approachPlaceStore = ({ kind, database, cursors }: ApproachPlaceStoreOptions) => {
  /** @throws ProblemError 404, also for a place of another kind */
  const requireRow = async (client: Client, id: string): Promise<ApproachPlaceRow> => {
    const row = await client.approachPlace.findUnique({ where: { id, kind } })
    if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
    return row
  }

  /** Holds a place until commit: who changes it next sees this change first. */
  const requireHeld = async (
    { tx, sql }: Unit<Client>,
    { id, version }: Wanted,
  ): Promise<ApproachPlaceRow> => {
    await sql('SELECT 1 FROM approach_place WHERE id = $1::uuid FOR UPDATE', [id])
    const present = await requireRow(tx, id)
    assertVersion(version, present.version)
    return present
  }

  /** @throws ProblemError 422 naming every fault */
  const refuseFaults = (given: ApproachPlaceInput): void => {
    const errors = approachPlaceFaults(kind, given)
    if (errors.length > 0) {
      throw new ProblemError(approachPlaceErrors.APPROACH_PLACE_INVALID, { errors })
    }
  }

  const findByCode = (client: Client, { UNLocationCode, code }: ApproachPlaceInput) =>
    client.approachPlace.findUnique({
      where: { kind_unLocationCode_code: { kind, unLocationCode: UNLocationCode, code } },
      select: { id: true },
    })

  const codeTaken = async (
    client: Client,
    given: ApproachPlaceInput,
    cause?: unknown,
  ): Promise<ProblemError> => {
    const taken = await findByCode(client, given)
    const detail = {
      en: `belongs to ${taken?.id ?? 'another place'}`,
      es: `pertenece a ${taken?.id ?? 'otro lugar'}`,
    }
    return new ProblemError(approachPlaceErrors.APPROACH_PLACE_EXISTS, {
      errors: [{ pointer: '#/code', detail }],
      cause,
    })
  }

  return {
    /** @throws ProblemError 404 */
    find: async (id: string): Promise<ApproachPlace> =>
      approachPlaceOf(await requireRow(database.client, id)),

    /** One page of the places that a query names. */
    list: async (query: PlaceQuery): Promise<Page<ApproachPlace>> => {
      const limit = query.limit ?? 50
      const keys = placeKeysOf(query)
      const { orderBy, where } = keysetOf(keys, cursors.read(kind, query))
      const rows = await database.client.approachPlace.findMany({
        where: { AND: [{ kind }, placeFilterOf(query), where] },
        orderBy,
        take: limit + 1,
      })
      const page = cursors.page(kind, query, { found: rows, positionOf: positionIn(keys) })
      return { ...page, items: page.items.map(approachPlaceOf) }
    },

    /**
     * Makes a place, open.
     *
     * @throws ProblemError 422 naming every fault, 409 naming the place that has the code already
     */
    create: async (
      { tx, publish }: Unit<Client>,
      given: ApproachPlaceInput,
    ): Promise<ApproachPlace> => {
      refuseFaults(given)
      const row = { id: uuidv7(), kind, state: 'OPEN', ...columnsOf(given) }
      // Leaves the transaction usable where another has the code, so that it can be named.
      const { count } = await tx.approachPlace.createMany({ data: [row], skipDuplicates: true })
      if (count === 0) throw await codeTaken(tx, given)
      const made = await requireRow(tx, row.id)
      publish(changed(made, 'CREATED'))
      return approachPlaceOf(made)
    },

    /**
     * Replaces what is known of a place; its state stays.
     *
     * @throws ProblemError 404, 412, 422 naming every fault, 409 for another port or a code that
     *   another place has
     */
    replace: async (
      unit: Unit<Client>,
      { given, ...wanted }: Wanted & { given: ApproachPlaceInput },
    ): Promise<ApproachPlace> => {
      const { tx, publish } = unit
      const present = await requireHeld(unit, wanted)
      refuseFaults(given)
      if (given.UNLocationCode !== present.unLocationCode) {
        const { unLocationCode: port } = present
        const detail = { en: `is ${port} for good`, es: `es ${port} para siempre` }
        throw new ProblemError(approachPlaceErrors.APPROACH_PLACE_FIXED, {
          errors: [{ pointer: '#/UNLocationCode', detail }],
        })
      }
      const taken = await findByCode(tx, given)
      if (taken && taken.id !== present.id) throw await codeTaken(tx, given)
      try {
        const row = await tx.approachPlace.update({
          where: { id: present.id },
          data: { ...columnsOf(given), version: { increment: 1 }, updatedAt: new Date() },
        })
        publish(changed(row, 'REPLACED'))
        return approachPlaceOf(row)
      } catch (error) {
        if (violatedConstraint(error) === null) throw error
        // Taken meanwhile; this transaction can ask no more, another connection can.
        throw await codeTaken(database.client, given, error)
      }
    },

    /**
     * Closes or opens a place.
     *
     * @throws ProblemError 404, 412, 409 when it is in that state already
     */
    enter: async (
      unit: Unit<Client>,
      given: Wanted & { action: ApproachPlaceAction; by: string; reason?: string | undefined },
    ): Promise<ApproachPlace> => {
      const { tx, publish } = unit
      const present = await requireHeld(unit, given)
      const { action, by, reason = null } = given
      const state = approachPlaceLifecycle.nextState(
        present.state as ApproachPlace['state'],
        action,
      )
      if (state === null) {
        const detail = {
          en: `It is ${present.state} already`,
          es: `Ya está en el estado ${present.state}`,
        }
        throw new ProblemError(approachPlaceErrors.APPROACH_PLACE_NOT_IN_STATE, { detail })
      }
      const now = new Date()
      const row = await tx.approachPlace.update({
        where: { id: present.id },
        data: {
          state,
          stateReason: reason,
          stateChangedAt: now,
          stateChangedBy: by,
          version: { increment: 1 },
          updatedAt: now,
        },
      })
      publish(changed(row, action === 'close' ? 'CLOSED' : 'OPENED'))
      return approachPlaceOf(row)
    },

    /** @throws ProblemError 404, 412 */
    remove: async (unit: Unit<Client>, wanted: Wanted): Promise<void> => {
      const present = await requireHeld(unit, wanted)
      await unit.tx.approachPlace.delete({ where: { id: present.id } })
      unit.publish(changed(present, 'REMOVED'))
    },
  }
}

export type ApproachPlaceStore = ReturnType<typeof approachPlaceStore>

const columnsOf = (given: ApproachPlaceInput) => ({
  unLocationCode: given.UNLocationCode,
  code: given.code,
  name: given.name,
  nameKey: nameKeyOf(given.name),
  geometry: rightHanded(given.geometry),
  radiusMetres: given.radiusMetres ?? null,
  depth: given.depth ?? null,
  maximumDraft: given.maximumDraft ?? null,
  maximumLengthOverall: given.maximumLengthOverall ?? null,
  capacity: given.capacity ?? null,
  vhfChannel: given.VHFChannel ?? null,
})

const changed = (row: ApproachPlaceRow, change: PlaceChange) =>
  eventOf(events, 'barcos.approach-place.changed', {
    subject: row.id,
    data: {
      approachPlaceId: row.id,
      kind: row.kind as ApproachPlaceKind,
      UNLocationCode: row.unLocationCode,
      code: row.code,
      name: row.name,
      state: row.state as ApproachPlace['state'],
      reason: row.stateReason,
      change,
      version: row.version,
    },
  })

const approachPlaceOf = (row: ApproachPlaceRow): ApproachPlace => ({
  id: row.id,
  UNLocationCode: row.unLocationCode,
  code: row.code,
  name: row.name,
  geometry: row.geometry as ApproachPlace['geometry'],
  radiusMetres: row.radiusMetres,
  depth: row.depth,
  maximumDraft: row.maximumDraft,
  maximumLengthOverall: row.maximumLengthOverall,
  capacity: row.capacity,
  VHFChannel: row.vhfChannel,
  state: row.state as ApproachPlace['state'],
  stateReason: row.stateReason,
  stateChangedAt: row.stateChangedAt?.toISOString() ?? null,
  stateChangedBy: row.stateChangedBy,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
