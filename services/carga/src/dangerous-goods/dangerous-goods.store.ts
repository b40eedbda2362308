import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client, DangerousGoodsRow } from '../database.ts'
import {
  type DangerousGoodsAction,
  dangerousGoodsErrors,
  dangerousGoodsFaults,
  dangerousGoodsLifecycle,
  type DangerousGoodsState,
} from './dangerous-goods.ts'
import type { DangerousGoods, NewDangerousGoods } from './dangerous-goods.schema.ts'

/** Every declaration of a visit, the earliest first. */
export const listDangerousGoods = async (
  client: Client,
  containerVisitId: string,
): Promise<DangerousGoods[]> => {
  const rows = await client.dangerousGoods.findMany({
    where: { containerVisitId },
    orderBy: { id: 'asc' },
  })
  return rows.map(dangerousGoodsOf)
}

/** @throws ProblemError 422 naming every fault */
export const declareDangerousGoods = async (
  { tx }: Unit<Client>,
  containerVisitId: string,
  { given, by }: { given: NewDangerousGoods; by: string },
): Promise<DangerousGoods> => {
  const errors = dangerousGoodsFaults(given)
  if (errors.length > 0) {
    throw new ProblemError(dangerousGoodsErrors.DANGEROUS_GOODS_INVALID, { errors })
  }
  const row = await tx.dangerousGoods.create({
    data: {
      id: uuidv7(),
      containerVisitId,
      unNumber: given.unNumber,
      hazardClass: given.hazardClass,
      subsidiaryRisks: given.subsidiaryRisks,
      properShippingName: given.properShippingName,
      packingGroup: given.packingGroup ?? null,
      flashPoint: given.flashPoint ?? null,
      emsNumber: given.emsNumber ?? null,
      state: 'DECLARED',
      declaredAt: new Date(),
      declaredBy: by,
    },
  })
  return dangerousGoodsOf(row)
}

type Decision = {
  containerVisitId: string
  declarationId: string
  version: number | '*'
  reason: string | null
  by: string
}

/**
 * Accepts or rejects declared goods of a visit that is held.
 *
 * @throws ProblemError 404, 412, 409 when the state does not allow it, 422 for a rejection without reason
 */
export const decideDangerousGoods = async (
  { tx }: Unit<Client>,
  action: DangerousGoodsAction,
  { containerVisitId, declarationId: id, version, reason, by }: Decision,
): Promise<DangerousGoods> => {
  const row = await tx.dangerousGoods.findUnique({ where: { id } })
  if (row?.containerVisitId !== containerVisitId) throw new ProblemError(kitErrors.NOT_FOUND)
  assertVersion(version, row.version)
  const state = dangerousGoodsLifecycle.nextState(row.state as DangerousGoodsState, action)
  if (state === null) throw new ProblemError(dangerousGoodsErrors.DANGEROUS_GOODS_STATE)
  if (state === 'REJECTED' && reason === null) {
    const detail = { en: 'is needed for a rejection', es: 'hace falta para rechazar' }
    throw new ProblemError(dangerousGoodsErrors.DANGEROUS_GOODS_INVALID, {
      errors: [{ pointer: '#/reason', detail }],
    })
  }
  return dangerousGoodsOf(
    await tx.dangerousGoods.update({
      where: { id },
      data: { state, reason, decidedAt: new Date(), decidedBy: by, version: { increment: 1 } },
    }),
  )
}

const dangerousGoodsOf = (row: DangerousGoodsRow): DangerousGoods => ({
  id: row.id,
  containerVisitId: row.containerVisitId,
  unNumber: row.unNumber,
  hazardClass: row.hazardClass,
  subsidiaryRisks: row.subsidiaryRisks,
  properShippingName: row.properShippingName,
  packingGroup: row.packingGroup,
  flashPoint: row.flashPoint,
  emsNumber: row.emsNumber,
  state: row.state as DangerousGoodsState,
  reason: row.reason,
  declaredAt: row.declaredAt.toISOString(),
  declaredBy: row.declaredBy,
  decidedAt: row.decidedAt?.toISOString() ?? null,
  decidedBy: row.decidedBy,
  version: row.version,
})
