import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'

/**
 * A range of time as query parameters name it, each end of which may be left out. One that ends before
 * it begins has nothing in it, and is a slip that an empty answer would hide.
 *
 * @throws ProblemError 400
 */
export const assertTimeRange = ({ from, to }: { from?: string; to?: string }): void => {
  if (from === undefined || to === undefined || Date.parse(from) <= Date.parse(to)) return
  throw new ProblemError(kitErrors.VALIDATION_FAILED, {
    errors: [
      {
        pointer: '?to',
        detail: { en: 'must not be before from', es: 'no debe ser anterior a from' },
      },
    ],
  })
}
