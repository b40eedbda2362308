import { Subject } from '@porttrack/shared/auth/subject'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { vgmMethods, weightUnits } from './vgm.ts'
import { told } from '../told.ts'

const Name = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: String.raw`\S`, description })
const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Method = Type.Enum(vgmMethods, {
  type: 'string',
  description: 'SM1 weighed packed, SM2 sum of contents and tare (SOLAS VI/2)',
})

export const NewVgmDeclaration = Type.Object(
  {
    declarationReference: Name(500, 'The declaration’s own reference, which no other of yours has'),
    declarationDateTime: Type.Optional(Instant('When it was declared; now unless given')),
    weight: Type.Object(
      {
        value: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }),
        unit: Type.Enum(weightUnits, { type: 'string', description: 'Kilograms or pounds' }),
      },
      { additionalProperties: false },
    ),
    method: Method,
    dateTime: Instant('When the mass was obtained'),
    responsibleParty: Name(70, 'Who is responsible for the declaration: the shipper'),
    authorizedPersonSignatory: Name(255, 'Who signs'),
  },
  { additionalProperties: false },
)
export type NewVgmDeclaration = Static<typeof NewVgmDeclaration>

export const VgmDeclaration = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    containerVisitId: nullable(Type.String({ format: 'uuid' })),
    equipmentReference: nullable(told.equipmentReference),
    declarationReference: told.declarationReference,
    declarationDateTime: Instant('The one declared last counts'),
    weight: nullable(Type.Object({ value: Type.Number(), unit: nullable(told.code) })),
    method: nullable(Method),
    dateTime: nullable(Instant('When the mass was obtained')),
    responsibleParty: nullable(told.party),
    authorizedPersonSignatory: nullable(told.signatory),
    isRetracted: Type.Boolean(),
    counts: Type.Boolean({ description: 'Whether it is the visit’s newest and not retracted' }),
    recordedAt: Instant('When it was recorded'),
    recordedBy: Subject,
  },
  { $id: 'VgmDeclaration' },
)
export type VgmDeclaration = Static<typeof VgmDeclaration>

export const VgmParams = Type.Object({
  id: Type.String({ format: 'uuid' }),
  declarationId: Type.String({ format: 'uuid' }),
})
