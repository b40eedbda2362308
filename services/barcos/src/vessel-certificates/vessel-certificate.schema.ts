import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { certificateStates, certificateTypeNames, certificateTypes } from './vessel-certificate.ts'
import { told } from '../text.ts'

const line = (maxLength: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: String.raw`^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$`,
    description,
  })

const attributes = {
  type: Type.Enum(certificateTypeNames, {
    description: Object.entries(certificateTypes)
      .map(([code, { en, rule }]) => `${code} ${en} (${rule})`)
      .join('; '),
  }),
  number: line(50, 'Number of the certificate'),
  issuedBy: line(100, 'Flag state, class society or authority that issued it'),
  issuedOn: Type.String({ format: 'date', description: 'First day it holds' }),
}
const expiresOn = Type.String({ format: 'date', description: 'Last day it holds' })

export const NewVesselCertificate = Type.Object(
  { ...attributes, expiresOn: Type.Optional(expiresOn) },
  { additionalProperties: false },
)
export type NewVesselCertificate = Static<typeof NewVesselCertificate>

export const Withdrawal = Type.Object(
  { reason: line(500, 'Why; kept with the certificate') },
  { additionalProperties: false },
)

export const VesselCertificate = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    vesselId: Type.String({ format: 'uuid' }),
    vesselName: told.vesselName,
    vesselIMONumber: nullable(told.shipNumber),
    ...attributes,
    title: Type.String({ ...told.sentence, description: 'What its type is called' }),
    expiresOn: nullable(expiresOn),
    state: Type.Enum([...certificateStates], {
      description:
        'VALID, EXPIRING within the days of notice, EXPIRED or WITHDRAWN: on the day that is asked for, or today in UTC',
    }),
    withdrawalReason: nullable(told.reason),
    withdrawnBy: nullable(Type.String({ ...Subject, description: 'User or machine' })),
    version: Type.Integer({ minimum: 1 }),
    recordedBy: Type.String({
      ...Subject,
      description: 'User or machine that gave it as it stands',
    }),
    recordedAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'VesselCertificate' },
)
export type VesselCertificate = Static<typeof VesselCertificate>

const on = Type.Optional(
  Type.String({
    format: 'date',
    description: 'The day whose states are given, such as that of a departure',
  }),
)

export const CertificateQuery = Type.Object({ on }, { additionalProperties: false })

export const CertificatesQuery = Type.Object(
  { ...pageQuery, on, type: Type.Optional(attributes.type) },
  { additionalProperties: false },
)
export type CertificatesQuery = Static<typeof CertificatesQuery>

export const ExpiringQuery = Type.Object(
  {
    ...pageQuery,
    on,
    expiresFrom: Type.Optional(
      Type.String({ format: 'date', description: 'Without those whose last day is earlier' }),
    ),
    expiresBefore: Type.String({ format: 'date', description: 'Those whose last day is earlier' }),
    type: Type.Optional(attributes.type),
  },
  { additionalProperties: false },
)
export type ExpiringQuery = Static<typeof ExpiringQuery>
