import { nightInAt } from './night.ts'
import type { RestTerms } from './rest-rules.ts'

/** The terms of the rest rules by the service's settings. */
export const restTermsOf = ({
  TIME_ZONE,
  REST_REFERENCE_WEEKS,
}: {
  TIME_ZONE: string
  REST_REFERENCE_WEEKS: number
}): RestTerms => ({ nightIn: nightInAt(TIME_ZONE), referenceWeeks: REST_REFERENCE_WEEKS })
