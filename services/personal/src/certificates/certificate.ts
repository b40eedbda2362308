import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import type { NewCertificate } from './certificate.schema.ts'

/** How good a certificate is on a day. */
export const certificateStates = ['VALID', 'EXPIRING', 'EXPIRED', 'REVOKED'] as const
export type CertificateState = (typeof certificateStates)[number]

export const certificateErrors = defineErrors({
  CERTIFICATE_EXISTS: {
    status: 409,
    title: { en: 'The certificate is registered already', es: 'El título ya está registrado' },
  },
  CERTIFICATE_REVOKED: {
    status: 409,
    title: { en: 'The certificate is revoked', es: 'El título está revocado' },
  },
  CERTIFICATE_INVALID: {
    status: 422,
    title: { en: 'The certificate breaks a rule', es: 'El título incumple una regla' },
  },
})

/** From how many days before its last a certificate counts as expiring. */
export const expiringDays = 60

const dayMs = 86_400_000

/**
 * How good a certificate is on a day. It is good on its last day still, and EXPIRING from 60 days
 * before it.
 *
 * @param certificate.expires its last day, `YYYY-MM-DD`, or null for one without end
 * @param day `YYYY-MM-DD`
 */
export const certificateStateOn = (
  { expires, revoked }: { expires: string | null; revoked: boolean },
  day: string,
): CertificateState => {
  if (revoked) return 'REVOKED'
  if (expires === null) return 'VALID'
  const daysLeft = (Date.parse(expires) - Date.parse(day)) / dayMs
  if (daysLeft < 0) return 'EXPIRED'
  return daysLeft <= expiringDays ? 'EXPIRING' : 'VALID'
}

/** Which rules a certificate breaks that is registered on a day (`YYYY-MM-DD`). */
export const certificateFaults = (
  { issued, expires = null }: NewCertificate,
  day: string,
): Fault[] => [
  // A day ahead: the day has begun elsewhere.
  ...(Date.parse(issued) > Date.parse(day) + dayMs
    ? [{ pointer: '#/issued', detail: { en: 'is in the future', es: 'está en el futuro' } }]
    : []),
  ...(expires !== null && expires < issued
    ? [
        {
          pointer: '#/expires',
          detail: { en: 'is before the day of issue', es: 'es anterior al día de expedición' },
        },
      ]
    : []),
]
