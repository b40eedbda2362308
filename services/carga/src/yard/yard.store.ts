import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import type { Client } from '../database.ts'
import { yardErrors } from './yard.ts'
import type { NewYardBlock, YardBlock } from './yard.schema.ts'

const columns = `
  b.un_location_code AS "UNLocationCode", b.code, b.bays, b."rows", b.tiers,
  b.plug_bays AS "plugBays", b.bays * b."rows" * b.tiers AS slots,
  (SELECT count(*)::int FROM yard_place p
   WHERE p.un_location_code = b.un_location_code AND p.block = b.code) AS taken`

/** The blocks of a yard, by code; there are few. */
export const listBlocks = (sql: Sql, UNLocationCode: string): Promise<YardBlock[]> =>
  sql<YardBlock>(
    `SELECT ${columns} FROM yard_block b WHERE b.un_location_code = $1 ORDER BY b.code`,
    [UNLocationCode],
  )

/**
 * Lays out a block with all its stacks.
 *
 * @throws ProblemError 400 for a country that does not exist, 409 when there is one with this code
 */
export const layOutBlock = async (
  { tx, sql }: Unit<Client>,
  { UNLocationCode, code }: { UNLocationCode: string; code: string },
  given: NewYardBlock,
): Promise<YardBlock> => {
  const fault = unLocationCodeFault(UNLocationCode)
  if (fault) {
    throw new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: [{ pointer: '{UNLocationCode}', detail: fault }],
    })
  }
  const { count } = await tx.yardBlock.createMany({
    data: [{ unLocationCode: UNLocationCode, code, ...given }],
    skipDuplicates: true,
  })
  if (count === 0) throw new ProblemError(yardErrors.YARD_BLOCK_EXISTS)
  await sql(
    `INSERT INTO yard_stack (un_location_code, block, bay, "row", tiers, has_plug)
     SELECT $1, $2, bay, line, $5, bay = ANY($6::int[])
     FROM generate_series(1, $3) AS bay, generate_series(1, $4) AS line`,
    [UNLocationCode, code, given.bays, given.rows, given.tiers, given.plugBays],
  )
  const [block] = await sql<YardBlock>(
    `SELECT ${columns} FROM yard_block b WHERE b.un_location_code = $1 AND b.code = $2`,
    [UNLocationCode, code],
  )
  if (!block) throw new Error('a block that was laid out is not there')
  return block
}

/**
 * Clears a block away.
 *
 * @throws ProblemError 404, 409 while containers stand in it
 */
export const clearBlock = async (
  { sql }: Unit<Client>,
  { UNLocationCode, code }: { UNLocationCode: string; code: string },
): Promise<void> => {
  try {
    const cleared = await sql(
      'DELETE FROM yard_block WHERE un_location_code = $1 AND code = $2 RETURNING 1',
      [UNLocationCode, code],
    )
    if (cleared.length === 0) throw new ProblemError(kitErrors.NOT_FOUND)
  } catch (error) {
    if (violatedConstraint(error) === null) throw error
    throw new ProblemError(yardErrors.YARD_BLOCK_IN_USE, { cause: error })
  }
}
