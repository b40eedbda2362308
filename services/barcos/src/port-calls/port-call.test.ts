import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hasEnded,
  isOpen,
  amendableStates,
  callSeen,
  nearestCall,
  nextState,
  type PortCallAction,
  portCallActions,
  portCallFaults,
  type PortCallState,
  portCallStates,
  seenWindow,
} from './port-call.ts'

const anyActions = fc.array(fc.constantFrom(...portCallActions), { maxLength: 40 })

/** States that a call passes when actions are tried one after the other. */
const pathOf = (actions: readonly PortCallAction[]): PortCallState[] => {
  const path: PortCallState[] = ['ANNOUNCED']
  for (const action of actions) {
    const next = nextState(path.at(-1) ?? 'ANNOUNCED', action)
    if (next !== null) path.push(next)
  }
  return path
}

describe('the states of a port call', () => {
  it('lead from announcement to close by the ordinary way, with a shift', () => {
    const way: PortCallAction[] = [
      ...(['reject', 'resubmit', 'approve', 'arrive', 'berth', 'start'] as const),
      ...(['shift', 'start', 'complete', 'depart', 'close'] as const),
    ]
    expect(pathOf(way)).toEqual([
      'ANNOUNCED',
      'REJECTED',
      'ANNOUNCED',
      'APPROVED',
      'ARRIVED',
      'ALONGSIDE',
      'WORKING',
      'ALONGSIDE',
      'WORKING',
      'COMPLETED',
      'DEPARTED',
      'CLOSED',
    ])
    expect(pathOf(['approve', 'arrive', 'depart']).at(-1)).toBe('DEPARTED')
  })

  it('end at CLOSED, OMITTED and CANCELLED and nowhere else', () => {
    expect(portCallStates.filter(hasEnded)).toEqual(['CLOSED', 'OMITTED', 'CANCELLED'])
    expect(portCallStates.filter((state) => !isOpen(state))).toEqual([
      'DEPARTED',
      'CLOSED',
      'OMITTED',
      'CANCELLED',
    ])
  })

  it('are never left once ended, whatever is tried', () => {
    fc.assert(
      fc.property(anyActions, anyActions, (before, after) => {
        const path = pathOf(before)
        fc.pre(hasEnded(path.at(-1) ?? 'ANNOUNCED'))
        expect(pathOf([...before, ...after])).toEqual(path)
      }),
    )
  })

  it('put approval before arrival, and allow neither omission nor cancellation after it', () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        const path = pathOf(actions)
        const arrived = path.indexOf('ARRIVED')
        if (arrived < 0) return
        expect(path[arrived - 1]).toBe('APPROVED')
        const later = path.slice(arrived)
        for (const state of ['OMITTED', 'CANCELLED', 'REJECTED', 'ANNOUNCED'] as const) {
          expect(later).not.toContain(state)
        }
      }),
    )
  })

  it('can all be reached', () => {
    const reached = new Set<PortCallState>(['ANNOUNCED'])
    for (const state of reached) {
      for (const action of portCallActions) {
        const next = nextState(state, action)
        if (next !== null) reached.add(next)
      }
    }
    expect([...reached].toSorted()).toEqual([...portCallStates].toSorted())
  })
})

describe('the particulars of a port call', () => {
  it('name every fault', () => {
    const call = {
      UNLocationCode: 'ZZALG',
      previousPort: 'QQAAA',
      nextPort: 'NLRTM',
      eta: '2026-12-01T10:00:00Z',
      etd: '2026-12-01T11:00:00+01:00',
    }
    expect(portCallFaults(call).map(({ pointer }) => pointer)).toEqual([
      '#/UNLocationCode',
      '#/previousPort',
      '#/etd',
    ])
    expect(portCallFaults({ UNLocationCode: 'ESALG', eta: null, etd: call.etd })).toEqual([])
  })
})

describe('the call that an event belongs to', () => {
  const at = (iso: string) => new Date(iso)
  const time = at('2026-12-10T00:00:00Z')

  it('is the one whose ETA is nearest, earlier or later', () => {
    const calls = [
      { id: 'a', state: 'APPROVED', eta: at('2026-12-01T00:00:00Z') },
      { id: 'b', state: 'ANNOUNCED', eta: at('2026-12-12T00:00:00Z') },
      { id: 'c', state: 'APPROVED', eta: null },
    ]
    expect(nearestCall(calls, time)?.id).toBe('b')
    expect(nearestCall(calls.slice(0, 1), time)?.id).toBe('a')
    expect(nearestCall([], time)).toBeNull()
  })

  it('is one that the port has rejected only when there is no other', () => {
    const rejected = { id: 'a', state: 'REJECTED', eta: time }
    const another = { id: 'b', state: 'ANNOUNCED', eta: null }
    expect(nearestCall([rejected, another], time)?.id).toBe('b')
    expect(nearestCall([rejected], time)?.id).toBe('a')
  })

  it('does not depend on the order in which calls are given', () => {
    const call = fc.record({
      id: fc.uuid(),
      state: fc.constantFrom('ANNOUNCED', 'APPROVED', 'REJECTED'),
      eta: fc.option(
        fc.date({ min: at('2026-12-01'), max: at('2026-12-20'), noInvalidDate: true }),
      ),
    })
    const calls = fc.uniqueArray(call, { selector: ({ id }) => id })
    fc.assert(
      fc.property(calls, (given) => {
        expect(nearestCall(given.toReversed(), time)).toEqual(nearestCall(given, time))
      }),
    )
  })
})

describe('the window in which what is seen may belong to a call', () => {
  it('reaches three days beyond what is declared, and is open where nothing is', () => {
    const eta = new Date('2026-12-10T00:00:00Z')
    const etd = new Date('2026-12-12T00:00:00Z')
    expect(seenWindow({ eta, etd })).toEqual({
      gte: new Date('2026-12-07T00:00:00Z'),
      lte: new Date('2026-12-15T00:00:00Z'),
    })
    expect(seenWindow({ eta, etd: null })).toMatchObject({
      lte: new Date('2026-12-13T00:00:00Z'),
    })
    expect(seenWindow({ eta: null, etd: null })).toEqual({})
  })
})

describe('the call that AIS has seen', () => {
  const sailing = new Date('2026-12-10T20:00:00Z')
  const none = { eta: null, etd: null, departedAt: null }
  const nextWeek = {
    ...none,
    id: 'next',
    state: 'ANNOUNCED',
    eta: new Date('2026-12-17T08:00:00Z'),
  }
  const gone = { ...none, id: 'gone', state: 'DEPARTED', departedAt: sailing }
  const later = (hours: number) => new Date(sailing.getTime() + hours * 3_600_000)
  const seen = (calls: Parameters<typeof callSeen>[0], hours: number, leaves: boolean) =>
    callSeen(calls, { time: later(hours), leaves })?.id

  it('is the one whose ship has just departed, of what tells of leaving', () => {
    expect(seen([nextWeek, gone], 1, true)).toBe('gone')
    expect(seen([nextWeek, gone], 1, false)).toBeUndefined()
    expect(seen([nextWeek, gone], 25, true)).toBeUndefined()
  })

  it('is the one whose ship is in port before any other', () => {
    const present = { ...none, id: 'present', state: 'WORKING' }
    expect(seen([nextWeek, gone, present], 1, true)).toBe('present')
    expect(seen([nextWeek, present], 24 * 7, false)).toBe('present')
  })

  it('is an expected one only near its declared times, or where none are', () => {
    expect(seen([nextWeek], 24 * 3, false)).toBeUndefined()
    expect(seen([nextWeek], 24 * 4, false)).toBe('next')
    expect(seen([{ ...nextWeek, eta: null }], 0, false)).toBe('next')
    expect(seen([{ ...nextWeek, state: 'CANCELLED' }], 24 * 7, false)).toBeUndefined()
  })
})

describe('what is declared of a call', () => {
  it('may be amended until the ship arrives, and what is still to come until it departs', () => {
    expect(amendableStates(['eta', 'etd'])).toEqual(['ANNOUNCED', 'APPROVED'])
    const toCome = amendableStates(['etd', 'nextPort'])
    expect(toCome).toEqual(expect.arrayContaining(['APPROVED', 'ARRIVED', 'COMPLETED']))
    expect(toCome).not.toContain('DEPARTED')
    expect(toCome).not.toContain('REJECTED')
  })
})
