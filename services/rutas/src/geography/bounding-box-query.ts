import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { type BoundingBox, readBoundingBox } from './bounding-box.ts'

/**
 * The box that the query parameter `bbox` names.
 *
 * @throws ProblemError 400 naming every fault
 */
export const boxAsked = (bbox: string): BoundingBox => {
  const box = readBoundingBox(bbox)
  if (!('faults' in box)) return box
  throw new ProblemError(kitErrors.VALIDATION_FAILED, {
    errors: box.faults.map((detail) => ({ pointer: '?bbox', detail })),
  })
}
