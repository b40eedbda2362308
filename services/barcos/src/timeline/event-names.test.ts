import { describe, expect, it } from 'vitest'
import { eventTypes, matrixBreaches, serviceTypes } from '../timestamps/port-call-matrix.ts'
import { eventNames, nameOfEvent } from './event-names.ts'

describe('the names of events', () => {
  it('cover exactly the events that the DCSA matrix has', () => {
    const possible = serviceTypes.flatMap((portCallServiceTypeCode) =>
      eventTypes.flatMap((portCallServiceEventTypeCode) => {
        const event = {
          portCallServiceTypeCode,
          portCallServiceEventTypeCode,
          classifierCode: 'ACT' as const,
          serviceDateTime: '2020-01-01T00:00:00Z',
        }
        const codes = `${portCallServiceTypeCode} ${portCallServiceEventTypeCode}`
        return matrixBreaches(event, Date.now()).length === 0 ? [codes] : []
      }),
    )
    const named = Object.entries(eventNames).flatMap(([service, events]) =>
      Object.keys(events).map((event) => `${service} ${event}`),
    )
    expect(named.toSorted()).toEqual(possible.toSorted())
  })

  it('say the phase, and fall back to the codes', () => {
    const berth = { portCallServiceTypeCode: 'BERTH', portCallPhaseTypeCode: 'SHIF' } as const
    expect(nameOfEvent({ ...berth, portCallServiceEventTypeCode: 'ARRI' })).toEqual({
      en: 'Arrived at berth (shifting)',
      es: 'Llegada al atraque (maniobra)',
    })
    expect(nameOfEvent({ ...berth, portCallServiceEventTypeCode: 'CMPL' }).en).toBe(
      'BERTH CMPL (shifting)',
    )
  })
})
