import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { equipmentReferenceFault } from '../container-visits/equipment-reference.ts'

export const transportDocumentLifecycle = defineLifecycle({
  of: 'transport document',
  states: {
    DRAFT: 'what it says may still be changed',
    ISSUED: 'the carrier has issued it; what it says stands',
    SURRENDERED: 'its holder has given it back for the goods',
    VOIDED: 'it counts for nothing',
  },
  actions: {
    issue: { from: ['DRAFT'], to: 'ISSUED', meaning: 'the carrier issues it' },
    surrender: { from: ['ISSUED'], to: 'SURRENDERED', meaning: 'its holder gives it back' },
    void: {
      from: ['DRAFT', 'ISSUED'],
      to: 'VOIDED',
      meaning: 'the carrier takes it back, with a reason',
    },
  },
})
export type TransportDocumentAction = (typeof transportDocumentLifecycle.actionNames)[number]
export type TransportDocumentState = (typeof transportDocumentLifecycle.stateNames)[number]

export const transportDocumentErrors = defineErrors({
  TRANSPORT_DOCUMENT_EXISTS: {
    status: 409,
    title: {
      en: 'Another transport document has this reference',
      es: 'Otro documento de transporte tiene esta referencia',
    },
  },
  TRANSPORT_DOCUMENT_STATE: {
    status: 409,
    title: {
      en: 'The transport document’s state does not allow this',
      es: 'El estado del documento de transporte no lo permite',
    },
  },
  TRANSPORT_DOCUMENT_INVALID: {
    status: 422,
    title: {
      en: 'The transport document breaks a rule',
      es: 'El documento de transporte incumple una regla',
    },
  },
})

/** Which rules a document breaks. */
export const transportDocumentFaults = ({
  portOfLoading,
  portOfDischarge,
  consignmentItems,
}: {
  portOfLoading: string
  portOfDischarge: string
  consignmentItems: readonly { equipmentReferences: readonly string[] }[]
}): Fault[] => {
  const judged = Object.entries({
    '#/portOfLoading': unLocationCodeFault(portOfLoading),
    '#/portOfDischarge': unLocationCodeFault(portOfDischarge),
  })
  const containers = consignmentItems.flatMap(({ equipmentReferences }, item) =>
    equipmentReferences.map(
      (reference, index) =>
        [
          `#/consignmentItems/${item}/equipmentReferences/${index}`,
          equipmentReferenceFault(reference),
        ] as const,
    ),
  )
  return [...judged, ...containers].flatMap(([pointer, detail]) =>
    detail === null ? [] : [{ pointer, detail }],
  )
}
