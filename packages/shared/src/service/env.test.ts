import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { type EnvironmentError, readEnvironment } from './env.ts'

const declared = {
  DATABASE_URL: Type.String(),
  GAP_METRES: Type.Number({ default: 15, minimum: 0 }),
}
const needed = {
  PORT: '8101',
  MANAGEMENT_PORT: '9101',
  CURSOR_KEY: 'a key that only tests use, 32 characters',
  DATABASE_URL: 'postgresql://localhost/barcos',
}

describe('the environment', () => {
  it('is converted, completed with defaults and frozen', () => {
    const config = readEnvironment(declared, { ...needed, GAP_METRES: '7.5', UNRELATED: 'x' })
    expect(config).toMatchObject({ PORT: 8101, GAP_METRES: 7.5, HOST: '127.0.0.1' })
    expect(config).not.toHaveProperty('UNRELATED')
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('counts an empty variable as absent', () => {
    expect(readEnvironment(declared, { ...needed, GAP_METRES: '' })).toMatchObject({
      GAP_METRES: 15,
    })
  })

  it('names every fault at once, and no value', () => {
    const variables = { PORT: 'eighty', CURSOR_KEY: 'too short', GAP_METRES: '-1' }
    let faults: readonly string[] = []
    try {
      readEnvironment(declared, variables)
    } catch (error) {
      faults = (error as EnvironmentError).faults
    }
    expect(faults.join('\n')).not.toMatch(/eighty|too short/)
    for (const name of ['PORT', 'MANAGEMENT_PORT', 'CURSOR_KEY', 'DATABASE_URL', 'GAP_METRES']) {
      expect(faults.filter((fault) => fault.startsWith(`${name} `))).toHaveLength(1)
    }
  })
})
