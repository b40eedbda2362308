import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, BerthOccupancyRow, BerthRow, Client } from '../database.ts'
import { events } from '../events.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { reservationFaults, type Reserved } from './berth.ts'
import { berthOf, lockBerth, requireBerth, reservedOf, withVesselName } from './berth.store.ts'
import { blockErrors, blockWindowFaults } from './block.ts'
import type { Block, BlockQuery, NewBlock } from './block.schema.ts'
import { type Metres, metresOfRange } from './quay-range.ts'

type BlockStoreOptions = { database: BarcosDatabase; cursors: Cursors; timeZoneAt: TimeZoneAt }

type Stretch = Metres & { startsAt: Date; endsAt: Date }

/** How many reservations a refusal names at most. */
const mostNamed = 100

/** Blocks of berths: metres that no ship is planned to for a time. */
export const blockStore = ({ database, cursors, timeZoneAt }: BlockStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: async (berthId: string, id: string): Promise<Block> =>
    blockOf(await requireBlock(database.client, berthId, id)),

  /**
   * One page of the blocks of a berth that a query names, in the order of their beginnings.
   *
   * @throws ProblemError 404
   */
  list: async (berthId: string, query: BlockQuery): Promise<Page<Block>> => {
    await requireBerth(database.client, berthId)
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'startsAt'>('startsAt')
    // The cursor is bound to the berth as well.
    const bound = { ...query, berthId }
    const { orderBy, where } = keysetOf(keys, cursors.read('blocks', bound))
    const rows = await database.client.berthOccupancy.findMany({
      where: { AND: [{ berthId, kind: 'BLOCK' }, filterOf(query), where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('blocks', bound, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(blockOf) }
  },

  /**
   * Blocks metres of a berth for a time.
   *
   * @throws ProblemError 404, 422 naming every fault, 409 naming the reservations in the way
   */
  create: async (
    { tx, sql, publish }: Unit<Client>,
    { berthId, given, by }: { berthId: string; given: NewBlock; by: string },
  ): Promise<Block> => {
    await lockBerth(sql, berthId)
    const berth = await requireBerth(tx, berthId)
    const stretch = requireStretch(berth, given)
    const inTheWay = (reserved: readonly Reserved[], cause?: unknown): ProblemError => {
      const place = { pointer: '#', timeZone: timeZoneAt(berth.unLocationCode) }
      const errors = reservationFaults(reserved, 'BLOCK_CLEAR_OF_RESERVATIONS', place)
      return new ProblemError(blockErrors.BLOCK_RESERVED, { errors, cause })
    }
    const reserved = await reservedWithin(tx, berthId, stretch)
    if (reserved.length > 0) throw inTheWay(reserved)
    try {
      const row = await tx.berthOccupancy.create({
        data: {
          id: uuidv7(),
          kind: 'BLOCK',
          berthId,
          ...stretch,
          reason: given.reason,
          createdBy: by,
        },
      })
      publish(eventOf(events, 'barcos.berth.blocked', { subject: row.id, data: told(row, berth) }))
      return blockOf(row)
    } catch (error) {
      if (violatedConstraint(error) !== 'berth_occupancy_ships_clear_of_blocks') throw error
      // Reserved meanwhile; this transaction can ask no more, another connection can.
      throw inTheWay(await reservedWithin(database.client, berthId, stretch), error)
    }
  },

  /**
   * Lifts a block: its metres are free from now on. It is kept, with when that was.
   *
   * @throws ProblemError 404, 412, 409 when it is lifted already
   */
  lift: async (
    { tx, sql, publish }: Unit<Client>,
    { berthId, id, version }: { berthId: string; id: string; version: number | '*' },
  ): Promise<void> => {
    await lockBerth(sql, berthId)
    const berth = await requireBerth(tx, berthId)
    const present = await requireBlock(tx, berthId, id)
    assertVersion(version, present.version)
    if (present.releasedAt !== null) throw new ProblemError(blockErrors.BLOCK_LIFTED)
    const now = new Date()
    const row = await tx.berthOccupancy.update({
      where: { id },
      data: { releasedAt: now, version: { increment: 1 }, updatedAt: now },
    })
    publish(eventOf(events, 'barcos.berth.unblocked', { subject: id, data: told(row, berth) }))
  },
})

export type BlockStore = ReturnType<typeof blockStore>

/** @throws ProblemError 404 */
const requireBlock = async (
  client: Client,
  berthId: string,
  id: string,
): Promise<BerthOccupancyRow> => {
  const row = await client.berthOccupancy.findUnique({ where: { id, berthId, kind: 'BLOCK' } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/** @throws ProblemError 422 naming every fault */
const requireStretch = (berth: BerthRow, given: NewBlock): Stretch => {
  const window = { startsAt: new Date(given.startsAt), endsAt: new Date(given.endsAt) }
  const range = metresOfRange(berthOf(berth), given)
  const faults = [
    ...('faults' in range ? range.faults : []),
    ...blockWindowFaults(window, new Date()),
  ]
  if (faults.length > 0 || !('metres' in range)) {
    throw new ProblemError(blockErrors.BLOCK_INVALID, { errors: faults })
  }
  return { ...range.metres, ...window }
}

/** The reservations that have metres of a stretch within its window, by their beginning. */
const reservedWithin = async (
  client: Client,
  berthId: string,
  { fromMetre, toMetre, startsAt, endsAt }: Stretch,
): Promise<Reserved[]> => {
  // A ship that still lies there has its metres now, whatever was planned.
  const overdue =
    startsAt <= new Date() ? [{ alongsideFrom: { not: null }, alongsideTo: null }] : []
  const rows = await client.berthOccupancy.findMany({
    where: {
      berthId,
      kind: 'RESERVATION',
      releasedAt: null,
      fromMetre: { lt: toMetre },
      toMetre: { gt: fromMetre },
      startsAt: { lt: endsAt },
      OR: [{ endsAt: { gt: startsAt } }, ...overdue],
    },
    include: withVesselName,
    orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
    take: mostNamed,
  })
  return rows.map(reservedOf)
}

const filterOf = ({ from, to, lifted = false }: BlockQuery) => ({
  ...(from === undefined ? {} : { endsAt: { gt: new Date(from) } }),
  ...(to === undefined ? {} : { startsAt: { lt: new Date(to) } }),
  ...(lifted ? {} : { releasedAt: null }),
})

/** What others are told of a block. */
const told = (row: BerthOccupancyRow, berth: BerthRow) => ({
  blockId: row.id,
  berthId: berth.id,
  UNLocationCode: berth.unLocationCode,
  berthCode: berth.code,
  fromMetre: row.fromMetre,
  toMetre: row.toMetre,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  reason: row.reason ?? '',
})

const blockOf = (row: BerthOccupancyRow): Block => ({
  id: row.id,
  berthId: row.berthId,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  fromMetre: row.fromMetre,
  toMetre: row.toMetre,
  reason: row.reason ?? '',
  liftedAt: row.releasedAt?.toISOString() ?? null,
  version: row.version,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
