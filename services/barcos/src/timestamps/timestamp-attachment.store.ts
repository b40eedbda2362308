import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client } from '../database.ts'
import { events } from '../events.ts'
import {
  lockCall,
  partiesOfCall,
  requireCall,
  requireRunning,
} from '../port-calls/port-call.store.ts'
import type { Reporter } from '../reporter.ts'
import { followService } from '../service-orders/service-order.store.ts'
import { attachmentFaults, timestampAttachmentErrors } from './timestamp-attachment.ts'
import { followBerthing, serviceOfSighting, vesselOf } from './timestamp-recording.store.ts'
import type { Attachment, Timestamp } from './timestamp.schema.ts'
import { timestampOf } from './timestamp.store.ts'

/**
 * Attaches an orphan to a call, and keeps who did and why.
 *
 * @throws ProblemError 404; 409 when it belongs to a call already or the call has ended; 422 naming
 *   why it does not fit the call, unless it is forced with a reason
 */
export const attachTimestamp = async (
  unit: Unit<Client>,
  id: string,
  { reporter, ...given }: Attachment & { reporter: Reporter },
): Promise<Timestamp> => {
  const { tx, sql } = unit
  await holdEvent(sql, id)
  const orphan = timestampOf(await requireTimestamp(tx, id))
  await lockCall(sql, given.portCallId)
  const call = await requireCall(tx, given.portCallId, 'all')
  requireRunning(call)
  const vessel = await vesselOf(tx, orphan.reportedVessel)
  const faults = attachmentFaults(
    {
      vesselId: vessel?.id ?? null,
      UNLocationCode: orphan.serviceLocation.UNLocationCode,
    },
    { vesselId: call.vesselId, UNLocationCode: call.unLocationCode },
    given,
  )
  if (orphan.portCallId === null && faults.length > 0) {
    throw new ProblemError(timestampAttachmentErrors.TIMESTAMP_OF_ANOTHER_CALL, { errors: faults })
  }
  const attachedAt = new Date()
  // Of two who attach one orphan the second finds it attached.
  const { count } = await tx.portCallTimestamp.updateMany({
    where: { id, portCallId: null },
    data: {
      portCallId: call.id,
      serviceId: await serviceOfSighting(unit, call, orphan),
      attachedBy: reporter.subject,
      attachedAt,
    },
  })
  if (count === 0) throw new ProblemError(timestampAttachmentErrors.TIMESTAMP_ATTACHED)
  return keep(unit, id, {
    action: 'ATTACH',
    portCallId: call.id,
    reason: given.reason ?? null,
    reporter,
    at: attachedAt,
  })
}

/**
 * Makes an orphan again of what AIS has reported or someone has attached, and keeps who did.
 *
 * @throws ProblemError 404 also for an orphan; 409 for one that was recorded on its call, and when
 *   the call has ended
 */
export const detachTimestamp = async (
  unit: Unit<Client>,
  id: string,
  reporter: Reporter,
): Promise<Timestamp> => {
  const { tx, sql } = unit
  await holdEvent(sql, id)
  const { portCallId } = await requireTimestamp(tx, id)
  if (portCallId === null) throw new ProblemError(kitErrors.NOT_FOUND)
  await lockCall(sql, portCallId)
  requireRunning(await requireCall(tx, portCallId, 'all'))
  const present = await requireTimestamp(tx, id)
  if (present.source !== 'AIS' && present.attachedAt === null) {
    throw new ProblemError(timestampAttachmentErrors.TIMESTAMP_RECORDED_ON_CALL)
  }
  const { count } = await tx.portCallTimestamp.updateMany({
    where: { id, portCallId },
    data: { portCallId: null, serviceId: null, attachedBy: null, attachedAt: null },
  })
  if (count === 0) throw new ProblemError(kitErrors.NOT_FOUND)
  return keep(unit, id, { action: 'DETACH', portCallId, reason: null, reporter, at: new Date() })
}

/** Holds the event that tells of a timestamp before its call, as whoever receives events does. */
const holdEvent = async (sql: Sql, timestampId: string): Promise<void> => {
  await sql('SELECT 1 FROM dcsa_event WHERE timestamp_id = $1::uuid FOR UPDATE', [timestampId])
}

const requireTimestamp = async (tx: Client, id: string) => {
  const row = await tx.portCallTimestamp.findUnique({ where: { id } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

type Kept = {
  action: 'ATTACH' | 'DETACH'
  portCallId: string
  reason: string | null
  reporter: Reporter
  at: Date
}

const keep = async (
  unit: Unit<Client>,
  id: string,
  { action, portCallId, reason, reporter, at }: Kept,
): Promise<Timestamp> => {
  const { tx, publish } = unit
  await tx.timestampAttachment.create({
    data: {
      id: uuidv7(),
      timestampId: id,
      portCallId,
      action,
      reason,
      source: reporter.source,
      decidedBy: reporter.subject,
      decidedAt: at,
    },
  })
  // The event that its sender reads goes where the timestamp goes.
  await tx.dcsaEvent.updateMany({
    where: { timestampId: id },
    data: { portCallId: action === 'ATTACH' ? portCallId : null },
  })
  const parties = await partiesOfCall(tx, portCallId)
  publish(
    eventOf(
      events,
      action === 'ATTACH' ? 'barcos.timestamp.attached' : 'barcos.timestamp.detached',
      { subject: id, data: { timestampId: id, portCallId, ...parties } },
    ),
  )
  const timestamp = timestampOf(await requireTimestamp(tx, id))
  await followBerthing(unit, { ...timestamp, portCallId })
  if (action === 'ATTACH') await followService(unit, timestamp, reporter)
  return timestamp
}
