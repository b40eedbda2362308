import { describe, expect, it } from 'vitest'
import { dcsaContract, faultElement, jsonPathOf } from './dcsa.ts'
import { kitErrors } from './errors.ts'
import { ProblemError } from './problem.ts'

describe('a JSON pointer as JSONPath', () => {
  it.each([
    ['#', '$'],
    ['#/events', '$.events'],
    ['#/events/2/timestamp/serviceDateTime', '$.events[2].timestamp.serviceDateTime'],
    ['#/events/0/timestamp/delayReasonCodes/10', '$.events[0].timestamp.delayReasonCodes[10]'],
    ['#/a~1b/it~0s', "$['a/b']['it~s']"],
    ["#/it's/back\\slash", String.raw`$['it\'s']['back\\slash']`],
    ['#/', "$['']"],
    ['#/007', "$['007']"],
  ])('%s is %s', (pointer, path) => {
    expect(jsonPathOf(pointer)).toBe(path)
  })
})

const wrong = { en: 'is wrong', es: 'está mal' }

describe('a fault as feedback', () => {
  it('names what stands in no message, and gives no path', () => {
    for (const [pointer, message] of [
      ['?limit', 'limit: is wrong'],
      ['header:api-version', 'api-version: is wrong'],
      ['{id}', 'id: is wrong'],
    ] as const) {
      const element = faultElement({ pointer, detail: wrong }, 'WARN', 'en')
      expect(element).toEqual({ severity: 'WARN', message })
    }
  })

  it('keeps to the lengths of DCSA', () => {
    const pointer = `#/${'a'.repeat(2_000)}`
    const element = faultElement(
      { pointer, detail: { en: 'x'.repeat(6_000), es: '' } },
      'ERROR',
      'en',
    )
    expect(element).toEqual({ severity: 'ERROR', message: 'x'.repeat(5_000) })
  })
})

describe('an error as feedback', () => {
  const { errorBody } = dcsaContract({ prefix: '/dcsa/things/v1', version: '1.0.0' })

  it('says in the caller’s language what happened, and nothing of what failed inside', () => {
    const title = { severity: 'ERROR', message: 'El servicio ha fallado' }
    const inside = new ProblemError(kitErrors.INTERNAL, {
      detail: { en: 'SELECT secret', es: 'SELECT secret' },
    })
    expect(errorBody(inside, 'es')).toEqual({ feedbackElements: [title] })
    const detail = { en: 'Twice', es: 'Dos veces' }
    const twice = new ProblemError(kitErrors.CONFLICT, { detail })
    expect(errorBody(twice, 'es')).toEqual({
      feedbackElements: [{ severity: 'ERROR', message: 'Dos veces' }],
    })
  })

  it('tells every fault, of very many the first and how many more', () => {
    const errors = Array.from({ length: 1_500 }, (_, n) => ({
      pointer: `#/events/${n}`,
      detail: wrong,
    }))
    const body = errorBody(new ProblemError(kitErrors.VALIDATION_FAILED, { errors }), 'en')
    const { feedbackElements } = body as { feedbackElements: unknown[] }
    expect(feedbackElements).toHaveLength(1_001)
    expect(feedbackElements[999]).toMatchObject({ propertyPath: '$.events[999]' })
    expect(feedbackElements[1_000]).toEqual({
      severity: 'INFO',
      message: '500 more of these were left out',
    })
  })
})
