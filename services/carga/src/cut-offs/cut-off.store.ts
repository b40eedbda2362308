import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { assertVersion } from '@porttrack/shared/http/etag'
import { requireCall } from '../port-calls/port-call.store.ts'
import type { Client, CutOffOverrideRow } from '../database.ts'
import { events } from '../events.ts'
import type { Visibility } from '../visibility.ts'
import { cutOffCodes } from './cut-off.ts'
import type { CutOffOverride, CutOffs, CutOffTimes, NewCutOffOverride } from './cut-off.schema.ts'

/** @throws ProblemError 404, also for a call that the caller may not know of */
export const findCutOffs = async (
  client: Client,
  portCallId: string,
  visibility: Visibility,
): Promise<CutOffs> => {
  const { version } = await requireCall(client, portCallId, visibility)
  const rows = await client.cutOff.findMany({ where: { portCallId } })
  const at = (code: string): string | null =>
    rows.find((row) => row.code === code)?.at.toISOString() ?? null
  return { portCallId, FCO: at('FCO'), VCO: at('VCO'), DGC: at('DGC'), version }
}

/**
 * Sets every cut-off of a call.
 *
 * @throws ProblemError 404, 412
 */
export const setCutOffs = async (
  unit: Unit<Client>,
  portCallId: string,
  { version, times }: { version: number | '*'; times: CutOffTimes },
): Promise<CutOffs> => {
  const { tx, sql, publish } = unit
  await sql('SELECT 1 FROM port_call WHERE id = $1::uuid FOR UPDATE', [portCallId])
  const call = await requireCall(tx, portCallId, 'all')
  assertVersion(version, call.version)
  await tx.cutOff.deleteMany({ where: { portCallId } })
  await tx.cutOff.createMany({
    data: cutOffCodes.flatMap((code) => {
      const at = times[code]
      return at === null ? [] : [{ portCallId, code, at: new Date(at) }]
    }),
  })
  await tx.portCall.update({ where: { id: portCallId }, data: { version: { increment: 1 } } })
  const set = await findCutOffs(tx, portCallId, 'all')
  const { FCO, VCO, DGC } = set
  const { agentOrganization, carrierOrganization, terminalOrganization } = call
  publish(
    eventOf(events, 'carga.cut-offs.set', {
      subject: portCallId,
      data: {
        portCallId,
        agentOrganization,
        carrierOrganization,
        terminalOrganization,
        cutOffs: { FCO, VCO, DGC },
      },
    }),
  )
  return set
}

/** Every override of a visit. */
export const listOverrides = async (
  client: Client,
  containerVisitId: string,
): Promise<CutOffOverride[]> => {
  const rows = await client.cutOffOverride.findMany({
    where: { containerVisitId },
    orderBy: { code: 'asc' },
  })
  return rows.map(overrideOf)
}

/** Lets the container of a visit come late. Said again, it changes nothing. */
export const overrideCutOff = async (
  { tx }: Unit<Client>,
  containerVisitId: string,
  { given, by }: { given: NewCutOffOverride; by: string },
): Promise<CutOffOverride> => {
  const { code } = given
  await tx.cutOffOverride.createMany({
    data: [{ containerVisitId, ...given, recordedAt: new Date(), recordedBy: by }],
    skipDuplicates: true,
  })
  const row = await tx.cutOffOverride.findUniqueOrThrow({
    where: { containerVisitId_code: { containerVisitId, code } },
  })
  return overrideOf(row)
}

const overrideOf = (row: CutOffOverrideRow): CutOffOverride => ({
  containerVisitId: row.containerVisitId,
  code: row.code as CutOffOverride['code'],
  reason: row.reason,
  recordedAt: row.recordedAt.toISOString(),
  recordedBy: row.recordedBy,
})
