import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { Code } from '../employees/employee.schema.ts'
import { Certificate } from './certificate.schema.ts'
import { told } from '../told.ts'

export const ExpiringCertificate = Type.Object(
  {
    ...Certificate.properties,
    personnelNumber: told.personnelNumber,
    organization: Type.Union([told.organization, Type.Null()]),
    renewed: Type.Boolean({
      description: 'The person has another one of the same type that ends later',
    }),
  },
  { $id: 'ExpiringCertificate' },
)
export type ExpiringCertificate = Static<typeof ExpiringCertificate>

const Day = (description: string) => Type.Optional(Type.String({ format: 'date', description }))

export const ExpiringCertificateQuery = Type.Object(
  {
    ...pageQuery,
    expiresFrom: Day('Last day then or later; today on the port’s clock unless given'),
    expiresBefore: Day('Last day before; 61 days after `expiresFrom` unless given'),
    type: Type.Optional(Code),
    organization: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })),
    sort: sortQuery(['expires'], 'expires'),
  },
  { additionalProperties: false },
)
export type ExpiringCertificateQuery = Static<typeof ExpiringCertificateQuery>
