import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { Code, Reason } from '../employees/employee.schema.ts'
import { certificateStates } from './certificate.ts'
import { told } from '../told.ts'

const CertificateNumber = Type.String({
  pattern: String.raw`^[^\p{Cc}\s](?:[^\p{Cc}]{0,48}[^\p{Cc}\s])?$`,
  examples: ['STCW-2027-0815'],
})
const Expires = Type.Union([Type.String({ format: 'date' }), Type.Null()], {
  description: 'The last day on which it is good; null for one without end',
})

export const NewCertificate = Type.Object(
  {
    type: Code,
    number: CertificateNumber,
    issued: Type.String({ format: 'date' }),
    expires: Type.Optional(Expires),
  },
  { additionalProperties: false },
)
export type NewCertificate = Static<typeof NewCertificate>

export const Revocation = Type.Object({ reason: Reason }, { additionalProperties: false })

export const Certificate = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    employeeId: Type.String({ format: 'uuid' }),
    type: Code,
    number: Type.Union([CertificateNumber, Type.Null()], {
      description: 'Null for who does not need to know it',
    }),
    issued: Type.String({ format: 'date' }),
    expires: Expires,
    state: Type.Enum(certificateStates, {
      type: 'string',
      description: 'Today, by UTC; EXPIRING from 60 days before the last',
    }),
    revocation: Type.Union(
      [
        Type.Object({
          reason: told.reason,
          at: Type.String({ format: 'date-time' }),
          by: Subject,
        }),
        Type.Null(),
      ],
      { description: 'Null for who does not need to know it' },
    ),
    registeredAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Certificate' },
)
export type Certificate = Static<typeof Certificate>

export const CertificateParams = Type.Object({
  id: Type.String({ format: 'uuid' }),
  certificateId: Type.String({ format: 'uuid' }),
})

export const CertificateQuery = Type.Object(pageQuery, { additionalProperties: false })
export type CertificateQuery = Static<typeof CertificateQuery>
