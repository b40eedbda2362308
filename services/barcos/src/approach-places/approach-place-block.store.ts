import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import { blockErrors, blockWindowFaults } from '../berths/block.ts'
import type { BlockQuery } from '../berths/block.schema.ts'
import type {
  ApproachPlaceBlockRow,
  ApproachPlaceRow,
  BarcosDatabase,
  Client,
} from '../database.ts'
import { events } from '../events.ts'
import type { ApproachPlaceKind } from './approach-place.ts'
import type { ApproachPlaceBlock, NewApproachPlaceBlock } from './approach-place-block.schema.ts'

type ApproachPlaceBlockStoreOptions = {
  kind: ApproachPlaceKind
  database: BarcosDatabase
  cursors: Cursors
}

/** Blocks of anchorages, or of pilot boarding places: times in which no ship is sent there. */
export const approachPlaceBlockStore = ({
  kind,
  database,
  cursors,
}: ApproachPlaceBlockStoreOptions) => {
  /** @throws ProblemError 404, also for a place of another kind */
  const requirePlace = async (client: Client, id: string): Promise<ApproachPlaceRow> => {
    const row = await client.approachPlace.findUnique({ where: { id, kind } })
    if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
    return row
  }

  /** @throws ProblemError 404 */
  const requireBlock = async (client: Client, placeId: string, id: string) => {
    const row = await client.approachPlaceBlock.findUnique({
      where: { id, approachPlaceId: placeId, approachPlace: { kind } },
    })
    if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
    return row
  }

  return {
    /** @throws ProblemError 404 */
    find: async (placeId: string, id: string): Promise<ApproachPlaceBlock> =>
      blockOf(await requireBlock(database.client, placeId, id)),

    /**
     * One page of the blocks of a place that a query names, in the order of their beginnings.
     *
     * @throws ProblemError 404
     */
    list: async (placeId: string, query: BlockQuery): Promise<Page<ApproachPlaceBlock>> => {
      await requirePlace(database.client, placeId)
      const limit = query.limit ?? 50
      const keys = sortKeysOf<'startsAt'>('startsAt')
      // The cursor is bound to the place as well.
      const bound = { ...query, placeId }
      const list = `blocks ${kind}`
      const { orderBy, where } = keysetOf(keys, cursors.read(list, bound))
      const { from, to, lifted = false } = query
      const rows = await database.client.approachPlaceBlock.findMany({
        where: {
          AND: [
            { approachPlaceId: placeId },
            from === undefined ? {} : { endsAt: { gt: new Date(from) } },
            to === undefined ? {} : { startsAt: { lt: new Date(to) } },
            lifted ? {} : { liftedAt: null },
            where,
          ],
        },
        orderBy,
        take: limit + 1,
      })
      const page = cursors.page(list, bound, { found: rows, positionOf: positionIn(keys) })
      return { ...page, items: page.items.map(blockOf) }
    },

    /**
     * Blocks a place for a time.
     *
     * @throws ProblemError 404, 422 for a window that is none or is over
     */
    create: async (
      { tx, publish }: Unit<Client>,
      { placeId, given, by }: { placeId: string; given: NewApproachPlaceBlock; by: string },
    ): Promise<ApproachPlaceBlock> => {
      const place = await requirePlace(tx, placeId)
      const window = { startsAt: new Date(given.startsAt), endsAt: new Date(given.endsAt) }
      const errors = blockWindowFaults(window, new Date())
      if (errors.length > 0) throw new ProblemError(blockErrors.BLOCK_INVALID, { errors })
      const row = await tx.approachPlaceBlock.create({
        data: {
          id: uuidv7(),
          approachPlaceId: placeId,
          ...window,
          reason: given.reason,
          createdBy: by,
        },
      })
      publish(
        eventOf(events, 'barcos.approach-place.blocked', {
          subject: row.id,
          data: told(row, place),
        }),
      )
      return blockOf(row)
    },

    /**
     * Lifts a block: ships are sent there from now on. It is kept, with when that was.
     *
     * @throws ProblemError 404, 412, 409 when it is lifted already
     */
    lift: async (
      { tx, sql, publish }: Unit<Client>,
      { placeId, id, version }: { placeId: string; id: string; version: number | '*' },
    ): Promise<void> => {
      const place = await requirePlace(tx, placeId)
      // Of two who lift it the second finds it lifted.
      await sql('SELECT 1 FROM approach_place_block WHERE id = $1::uuid FOR UPDATE', [id])
      const present = await requireBlock(tx, placeId, id)
      assertVersion(version, present.version)
      if (present.liftedAt !== null) throw new ProblemError(blockErrors.BLOCK_LIFTED)
      const now = new Date()
      const row = await tx.approachPlaceBlock.update({
        where: { id },
        data: { liftedAt: now, version: { increment: 1 }, updatedAt: now },
      })
      publish(
        eventOf(events, 'barcos.approach-place.unblocked', {
          subject: id,
          data: told(row, place),
        }),
      )
    },
  }
}

export type ApproachPlaceBlockStore = ReturnType<typeof approachPlaceBlockStore>

/** What others are told of a block. */
const told = (row: ApproachPlaceBlockRow, place: ApproachPlaceRow) => ({
  blockId: row.id,
  approachPlaceId: place.id,
  kind: place.kind as ApproachPlaceKind,
  UNLocationCode: place.unLocationCode,
  code: place.code,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  reason: row.reason,
})

const blockOf = (row: ApproachPlaceBlockRow): ApproachPlaceBlock => ({
  id: row.id,
  placeId: row.approachPlaceId,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  reason: row.reason,
  liftedAt: row.liftedAt?.toISOString() ?? null,
  version: row.version,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
