import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'

export const timestampAttachmentErrors = defineErrors({
  TIMESTAMP_ATTACHED: {
    status: 409,
    title: {
      en: 'The timestamp belongs to a call already',
      es: 'La marca de tiempo ya pertenece a una escala',
    },
  },
  TIMESTAMP_RECORDED_ON_CALL: {
    status: 409,
    title: {
      en: 'The timestamp was recorded on its call, and was never an orphan',
      es: 'La marca de tiempo se registró en su escala y nunca fue huérfana',
    },
  },
  TIMESTAMP_OF_ANOTHER_CALL: {
    status: 422,
    title: {
      en: 'The timestamp does not fit the call; `force` with a reason attaches it nevertheless',
      es: 'La marca de tiempo no encaja en la escala; `force` con un motivo la adjunta de todos modos',
    },
  },
})

/** What an orphan must meet to be attached to a call, unless it is forced. */
export const timestampAttachmentConditions = defineConditions({
  SAME_VESSEL:
    'the ship that the source named, by IMO number or else MMSI, is the ship of the call',
  SAME_PLACE: 'the source placed it at the UN/LOCODE of the call',
  REASON_GIVEN: 'what is forced comes with a reason',
})

type Orphan = {
  /** The registered vessel that the source named, null when there is none. */
  vesselId: string | null
  UNLocationCode: string | null
}

type Call = { vesselId: string; UNLocationCode: string }

type Wish = { force?: boolean | undefined; reason?: string | undefined }

/** Every condition of an attachment that is not met; none when it may be made. */
export const attachmentFaults = (orphan: Orphan, call: Call, { force, reason }: Wish): Fault[] => {
  if (force) {
    if (reason !== undefined) return []
    return [
      {
        pointer: '#/reason',
        code: 'REASON_GIVEN',
        detail: { en: 'is needed with force', es: 'es necesario con force' },
      },
    ]
  }
  const faults: Fault[] = []
  if (orphan.vesselId !== call.vesselId) {
    faults.push({
      pointer: '#/portCallId',
      code: 'SAME_VESSEL',
      detail:
        orphan.vesselId === null
          ? {
              en: 'the ship that the source named is not registered',
              es: 'el buque que nombró la fuente no está registrado',
            }
          : {
              en: 'the source named another ship than that of the call',
              es: 'la fuente nombró un buque distinto del de la escala',
            },
    })
  }
  if (orphan.UNLocationCode !== call.UNLocationCode) {
    const place = orphan.UNLocationCode
    faults.push({
      pointer: '#/portCallId',
      code: 'SAME_PLACE',
      detail:
        place === null
          ? {
              en: `the source named no place, and the call is at ${call.UNLocationCode}`,
              es: `la fuente no nombró ningún lugar, y la escala es en ${call.UNLocationCode}`,
            }
          : {
              en: `it happened at ${place}, and the call is at ${call.UNLocationCode}`,
              es: `ocurrió en ${place}, y la escala es en ${call.UNLocationCode}`,
            },
    })
  }
  return faults
}
