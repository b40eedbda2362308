import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { statementDocument } from './statement-document.ts'
import { type Facts, statementOfFacts } from './statement-of-facts.ts'

const facts: Facts = {
  portCallId: '01a21cd8-b197-7552-bff7-3ea323e4dd12',
  UNLocationCode: 'ESLPA',
  timeZone: 'Atlantic/Canary',
  agentOrganization: 'acme',
  purposes: ['BUNKERING'],
  previousPort: null,
  nextPort: null,
  declaredArrivalDraft: 9.5,
  declaredDepartureDraft: null,
  vessel: {
    name: 'Teide',
    imoNumber: '9074729',
    mmsiNumber: null,
    callSign: null,
    flag: null,
    type: null,
    lengthOverall: 180,
    beam: 30,
    grossTonnage: null,
    deadweight: null,
  },
  stays: [],
  finished: [],
  events: [],
}

describe('the paper of a statement of facts', () => {
  const issuedAt = new Date('2026-07-01T12:00:00Z')
  const bytesOf = async (given: Facts, at: Date) =>
    buffer(await statementDocument(statementOfFacts(given, 'es'), at))

  it('is the same for the same facts and time of issue', async () => {
    const [first, second, later] = await Promise.all([
      bytesOf(facts, issuedAt),
      bytesOf(facts, issuedAt),
      bytesOf(facts, new Date('2026-07-01T12:01:00Z')),
    ])
    expect(first.subarray(0, 5).toString()).toBe('%PDF-')
    expect(first.equals(second)).toBe(true)
    expect(first.equals(later)).toBe(false)
  })
})
