import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { defineErrors, kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { Client, VgmDeclarationRow } from '../database.ts'
import { events } from '../events.ts'
import type { DcsaVgmDeclaration } from './dcsa-vgm.schema.ts'
import { type Declared, vgmFaults } from './vgm.ts'
import type { NewVgmDeclaration, VgmDeclaration } from './vgm.schema.ts'

export const vgmErrors = defineErrors({
  VGM_REFERENCE_USED: {
    status: 409,
    title: {
      en: 'Another declaration of yours has this reference',
      es: 'Otra de sus declaraciones tiene esta referencia',
    },
  },
  VGM_RETRACTED: {
    status: 409,
    title: { en: 'The declaration was retracted', es: 'La declaración se retiró' },
  },
  VGM_INVALID: {
    status: 422,
    title: {
      en: 'The verified gross mass breaks a rule',
      es: 'La masa bruta verificada incumple una regla',
    },
  },
})

/** Declarations of a visit, the one that was declared last first. */
export const listVgm = async (
  client: Client,
  containerVisitId: string,
): Promise<VgmDeclaration[]> => {
  const rows = await client.vgmDeclaration.findMany({
    where: { containerVisitId },
    orderBy: [{ declaredAt: 'desc' }, { id: 'desc' }],
  })
  return rows.map((row, index) => vgmOf(row, index === 0 && !row.isRetracted))
}

/**
 * Declares the verified gross mass of a visit's container. The newest declaration counts.
 *
 * @throws ProblemError 422 naming every fault, 409 when the reference is used
 */
export const declareVgm = async (
  unit: Unit<Client>,
  visit: ContainerVisit,
  { given, sender, by }: { given: NewVgmDeclaration; sender: string; by: string },
): Promise<VgmDeclaration> => {
  const now = new Date()
  const declaredAt =
    given.declarationDateTime === undefined ? now : new Date(given.declarationDateTime)
  const declared: Declared = {
    weight: given.weight.value,
    weightUnit: given.weight.unit,
    method: given.method,
    determinedAt: new Date(given.dateTime),
    responsibleParty: given.responsibleParty,
    signatory: given.authorizedPersonSignatory,
  }
  const errors = vgmFaults(declared, visit)
  if (errors.length > 0) throw new ProblemError(vgmErrors.VGM_INVALID, { errors })
  const payload: DcsaVgmDeclaration = {
    declarationReference: given.declarationReference,
    declarationDateTime: declaredAt.toISOString(),
    VGM: {
      weight: given.weight,
      method: given.method,
      dateTime: new Date(given.dateTime).toISOString(),
    },
    equipmentDetails: {
      equipmentReference: visit.equipmentReference,
      ISOEquipmentCode: visit.ISOEquipmentCode,
    },
    ...(visit.carrierBookingReference === null && visit.transportDocumentReference === null
      ? {}
      : {
          shipmentDetails: {
            ...(visit.carrierBookingReference === null
              ? {}
              : { carrierBookingReference: visit.carrierBookingReference }),
            ...(visit.transportDocumentReference === null
              ? {}
              : { transportDocumentReference: visit.transportDocumentReference }),
          },
        }),
    responsibleParty: { partyName: given.responsibleParty },
    authorizedPersonSignatory: given.authorizedPersonSignatory,
  }
  const id = uuidv7()
  const { count } = await unit.tx.vgmDeclaration.createMany({
    data: [
      {
        id,
        sender,
        declarationReference: given.declarationReference,
        containerVisitId: visit.id,
        organization: visit.carrierOrganization,
        equipmentReference: visit.equipmentReference,
        carrierBookingReference: visit.carrierBookingReference,
        transportDocumentReference: visit.transportDocumentReference,
        ...declared,
        declaredAt,
        payload,
        recordedAt: now,
        recordedBy: by,
      },
    ],
    skipDuplicates: true,
  })
  if (count === 0) throw new ProblemError(vgmErrors.VGM_REFERENCE_USED)
  tellVgm(unit, visit, { declarationReference: given.declarationReference, isRetracted: false })
  return requireVgm(unit.tx, visit.id, id)
}

/**
 * Takes a declaration back: when it was the newest, the container has no verified gross mass.
 *
 * @throws ProblemError 404, 409 when it was retracted already
 */
export const retractVgm = async (
  unit: Unit<Client>,
  visit: ContainerVisit,
  declarationId: string,
): Promise<VgmDeclaration> => {
  const present = await requireVgm(unit.tx, visit.id, declarationId)
  if (present.isRetracted) throw new ProblemError(vgmErrors.VGM_RETRACTED)
  const row = await unit.tx.vgmDeclaration.findUniqueOrThrow({ where: { id: present.id } })
  await unit.tx.vgmDeclaration.update({
    where: { id: present.id },
    data: {
      isRetracted: true,
      payload: { ...(row.payload as DcsaVgmDeclaration), isRetracted: true },
    },
  })
  tellVgm(unit, visit, { ...present, isRetracted: true })
  return requireVgm(unit.tx, visit.id, declarationId)
}

/** Publishes that a declaration of a visit has come or gone. */
export const tellVgm = (
  { publish }: Unit<Client>,
  visit: ContainerVisit,
  {
    declarationReference,
    isRetracted,
  }: Pick<VgmDeclaration, 'declarationReference' | 'isRetracted'>,
): void =>
  publish(
    eventOf(events, 'carga.vgm.declared', {
      subject: visit.id,
      data: {
        containerVisitId: visit.id,
        equipmentReference: visit.equipmentReference,
        flow: visit.flow,
        UNLocationCode: visit.UNLocationCode,
        carrierOrganization: visit.carrierOrganization,
        declarationReference,
        isRetracted,
      },
    }),
  )

/** How long before a visit is announced its container may have been weighed, in milliseconds. */
const earliest = 30 * 86_400_000

/** Gives a visit that is announced the declarations that came before it. */
export const adoptVgm = async ({ tx }: Unit<Client>, visit: ContainerVisit): Promise<void> => {
  if (visit.flow === 'IMPORT') return
  await tx.vgmDeclaration.updateMany({
    where: {
      containerVisitId: null,
      equipmentReference: visit.equipmentReference,
      declaredAt: { gte: new Date(Date.now() - earliest) },
      OR: [{ organization: null }, { organization: visit.carrierOrganization }],
    },
    data: { containerVisitId: visit.id, organization: visit.carrierOrganization },
  })
}

const requireVgm = async (
  client: Client,
  containerVisitId: string,
  declarationId: string,
): Promise<VgmDeclaration> => {
  const all = await listVgm(client, containerVisitId)
  const found = all.find(({ id }) => id === declarationId.toLowerCase())
  if (!found) throw new ProblemError(kitErrors.NOT_FOUND)
  return found
}

const vgmOf = (row: VgmDeclarationRow, counts: boolean): VgmDeclaration => ({
  id: row.id,
  containerVisitId: row.containerVisitId,
  equipmentReference: row.equipmentReference,
  declarationReference: row.declarationReference,
  declarationDateTime: row.declaredAt.toISOString(),
  weight: row.weight === null ? null : { value: row.weight, unit: row.weightUnit },
  method: row.method as VgmDeclaration['method'],
  dateTime: row.determinedAt?.toISOString() ?? null,
  responsibleParty: row.responsibleParty,
  authorizedPersonSignatory: row.signatory,
  isRetracted: row.isRetracted,
  counts,
  recordedAt: row.recordedAt.toISOString(),
  recordedBy: row.recordedBy,
})
