import { describe, expect, it } from 'vitest'
import { keysetOf, positionIn } from '../database/keyset.ts'
import { sortKeysOf, sortQuery } from './sorting.ts'

describe('the order of a list', () => {
  it('takes named fields only', () => {
    const { pattern: source } = sortQuery(['eta', 'name'], '-eta') as unknown as { pattern: string }
    const pattern = new RegExp(source)
    for (const good of ['eta', '-eta', 'name,-eta']) expect(good).toMatch(pattern)
    for (const bad of ['', 'id', 'eta,', 'eta;name', 'eta,name,eta'])
      expect(bad).not.toMatch(pattern)
  })

  it('becomes total by the id, which follows the first key', () => {
    expect(sortKeysOf('-eta,name,-eta')).toEqual([
      { field: 'eta', descending: true },
      { field: 'name', descending: false },
      { field: 'id', descending: true },
    ])
  })

  it('goes on behind the last item of the page before', () => {
    const keys = sortKeysOf<'eta' | 'name'>('-eta,name')
    const position = positionIn(keys)({ id: 'i', eta: 5, name: 'n' })
    expect(keysetOf(keys, position)).toEqual({
      orderBy: [{ eta: 'desc' }, { name: 'asc' }, { id: 'desc' }],
      where: {
        AND: [
          { eta: { lte: 5 } },
          {
            OR: [
              { eta: { lt: 5 } },
              { eta: 5, name: { gt: 'n' } },
              { eta: 5, name: 'n', id: { lt: 'i' } },
            ],
          },
        ],
      },
    })
    expect(keysetOf(keys, null).where).toEqual({})
  })

  it('has what is not known behind everything else', () => {
    const keys = sortKeysOf<'eta'>('eta')
    const behind = (position: [string | null, string], order = keys) =>
      keysetOf(order, position, ['eta']).where.AND
    expect(positionIn(keys)({ id: 'i', eta: new Date(0) })).toEqual([
      '1970-01-01T00:00:00.000Z',
      'i',
    ])
    expect(behind(['5', 'i'])).toEqual([
      { OR: [{ eta: { gt: '5' } }, { eta: null }, { eta: '5', id: { gt: 'i' } }] },
    ])
    expect(behind([null, 'i'])).toEqual([{ OR: [{ eta: null, id: { gt: 'i' } }] }])
    expect(behind([null, 'i'], sortKeysOf<'eta'>('-eta'))).toEqual([
      { OR: [{ eta: { not: null } }, { eta: null, id: { lt: 'i' } }] },
    ])
  })
})
