import { describe, expect, it } from 'vitest'
import { processes } from '../../scripts/generate/processes.ts'

/** Every contract of a process as callers of the gateway find it: address and version. */
const contractsOf = (name: string, prefix: string): string[] =>
  (processes.find((each) => each.name === name)?.contracts ?? []).map(
    ({ contract }) => `${prefix}${contract.prefix} ${contract.version}`,
  )

describe('the gateway', () => {
  it('refuses in the words of every contract that a service keeps, and of no other', () => {
    const kept = processes.flatMap(({ name }) =>
      name === 'gateway' ? [] : contractsOf(name, `/${name}`),
    )
    expect(kept.length).toBeGreaterThan(0)
    expect(contractsOf('gateway', '').toSorted()).toEqual(kept.toSorted())
  })
})
