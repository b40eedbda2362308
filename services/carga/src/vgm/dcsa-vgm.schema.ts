import { FeedbackElements } from '@porttrack/shared/http/dcsa'
import { mostItems } from '@porttrack/shared/http/dcsa-messages'
import { type Static, Type } from 'typebox'
import { dcsaPaging, dcsaReferences, longestPage } from '../track-and-trace/dcsa-event.schema.ts'

/** The messages of DCSA VGM 1.0, as wide as the standard writes them. */

const optional = Type.Optional
const Text = (maxLength: number, description?: string) =>
  optional(Type.String({ maxLength, ...(description === undefined ? {} : { description }) }))
const Instant = (description: string) =>
  optional(Type.String({ maxLength: 30, format: 'date-time', description }))

/** What is kept and told as it was sent. */
const open = () => optional(Type.Object({}, { additionalProperties: true }))

const Weight = Type.Object({
  value: optional(Type.Number()),
  unit: Text(10, 'KGM kilograms, LBR pounds'),
})

const Location = Type.Object({ UNLocationCode: Text(5) }, { additionalProperties: true })

const Party = Type.Object(
  {
    partyName: Text(70),
    party: optional(Type.Object({ partyCode: Text(150) }, { additionalProperties: true })),
  },
  { additionalProperties: true },
)

/** The verified gross mass of one container. */
export const DcsaVgmDeclaration = Type.Object(
  {
    routingDetails: open(),
    declarationReference: Text(500, 'The same declaration again has the same'),
    isRetracted: optional(Type.Boolean({ description: 'What was sent by this reference is void' })),
    declarationDateTime: Instant('When it was last updated: a later one replaces'),
    VGM: optional(
      Type.Object(
        {
          weight: optional(Weight),
          method: Text(50, 'SM1 weighed packed, SM2 sum of contents and tare'),
          dateTime: Instant('When the mass was obtained'),
          location: open(),
          certificationReference: Text(70),
          certificationDateTime: Instant('When the certificate was issued'),
        },
        { additionalProperties: false },
      ),
    ),
    equipmentDetails: optional(
      Type.Object(
        { equipmentReference: Text(11), ISOEquipmentCode: Text(4) },
        { additionalProperties: true },
      ),
    ),
    shipmentDetails: optional(
      Type.Object(
        { carrierBookingReference: Text(35), transportDocumentReference: Text(20) },
        { additionalProperties: true },
      ),
    ),
    vesselVoyageDetails: optional(
      Type.Object({ portOfLoading: optional(Location) }, { additionalProperties: true }),
    ),
    responsibleParty: optional(Party),
    authorizedParty: open(),
    authorizedPersonSignatory: Text(255),
    weighingParty: open(),
    submittingParty: open(),
    orderedByParty: open(),
    holdingParty: open(),
  },
  { $id: 'DcsaVgmDeclaration' },
)
export type DcsaVgmDeclaration = Static<typeof DcsaVgmDeclaration>

export const PostedVgmDeclarations = Type.Object({
  VGMDeclarations: Type.Array(Type.Ref('DcsaVgmDeclaration'), { maxItems: mostItems }),
})

export const VgmPage = Type.Object({
  VGMDeclarations: Type.Array(Type.Ref('DcsaVgmDeclaration'), { maxItems: longestPage }),
  feedbackElements: optional(FeedbackElements('Notes on the answer')),
})

const Time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }))

/** Every filter of the standard; several narrow down together. */
export const DcsaVgmQuery = Type.Object(
  {
    ...dcsaReferences,
    declarationDateTimeMin: Time('Least time of declaration'),
    declarationDateTimeMax: Time('Greatest time of declaration'),
    ...dcsaPaging,
  },
  { additionalProperties: false },
)
export type DcsaVgmQuery = Static<typeof DcsaVgmQuery>
