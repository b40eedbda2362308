import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseUrlSetting } from '../database/connection-url.ts'
import { type EnvironmentError, readEnvironment } from './env.ts'

const declared = {
  DATABASE_URL: Type.String(),
  GAP_METRES: Type.Number({ default: 15, minimum: 0 }),
}
const needed = {
  PORT: '8101',
  MANAGEMENT_PORT: '9101',
  CURSOR_KEY: 'a key that only tests use: 32 characters',
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

  describe('secrets', () => {
    const { CURSOR_KEY: key, DATABASE_URL: url, ...rest } = needed
    const settings = { DATABASE_URL: databaseUrlSetting('PostgreSQL') }
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'secrets-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))
    const give = (name: string, text: string) => writeFileSync(join(folder, name), text)
    const faults: string[] = []
    const read = (variables: Record<string, string> = {}) =>
      readEnvironment(
        settings,
        { ...rest, SECRETS_DIR: folder, ...variables },
        { onFault: (error) => faults.push((error as Error).message) },
      )

    it('come from a variable or from a file, which is watched', async () => {
      give('DATABASE_URL', `${url}\n`)
      const config = read({ CURSOR_KEY: key })
      expect(config.DATABASE_URL.current()).toBe(url)
      expect(config.CURSOR_KEY.current()).toBe(key)
      expect(config.WEBHOOK_KEY).toBeUndefined()
      give('DATABASE_URL', 'postgresql://elsewhere/barcos')
      await expect
        .poll(() => config.DATABASE_URL.current(), { interval: 100 })
        .toBe('postgresql://elsewhere/barcos')
      give('DATABASE_URL', 'elsewhere')
      await expect.poll(() => config.DATABASE_URL.current() && faults.length).toBe(1)
      expect(config.DATABASE_URL.current()).toBe('postgresql://elsewhere/barcos')
      expect(faults).toEqual([expect.stringMatching(/^DATABASE_URL must match/)])
    })

    it('show nothing of themselves where they are printed', () => {
      const config = read({ CURSOR_KEY: key, DATABASE_URL: url })
      const printed = [JSON.stringify(config), inspect(config), String(config.CURSOR_KEY)].join()
      expect(printed).not.toContain(key)
      expect(printed).not.toContain(url)
      expect(printed).toContain('[redacted]')
    })

    it('are named, and not shown, when they are missing, doubled or unusable', () => {
      expect(() => read()).toThrow(
        `CURSOR_KEY is missing, as a variable and as a file in ${folder}`,
      )
      expect(() => read()).toThrow('DATABASE_URL is missing')
      give('CURSOR_KEY', key)
      give('DATABASE_URL', '')
      expect(() => read({ CURSOR_KEY: key })).toThrow('CURSOR_KEY is given twice')
      expect(() => read()).toThrow('DATABASE_URL must')
      give('DATABASE_URL', url)
      give('CURSOR_KEY', `${key},short`)
      expect(() => read()).toThrow('CURSOR_KEY must match')
      expect(() => read()).not.toThrow('short')
      rmSync(join(folder, 'CURSOR_KEY'))
      mkdirSync(join(folder, 'CURSOR_KEY'))
      expect(() => read()).toThrow('CURSOR_KEY cannot be read: EISDIR')
      rmSync(join(folder, 'CURSOR_KEY'), { recursive: true })
    })
  })
})
