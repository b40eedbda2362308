import { describe, expect, it } from 'vitest'
import * as bot from '../../chatops/src/platform.ts'
import { environments, services } from './services.ts'

describe('the bot', () => {
  it('knows what can be deployed, in which order, and where', () => {
    expect(bot.services).toEqual(services)
    expect(bot.environments).toEqual(environments)
  })
})
