import { expect, it } from 'vitest'
import { createConfirmations } from './confirmations.ts'

const who = { user: 'U1', room: 'C1' }
const act = () => Promise.resolve()

it('gives what was to be done for the code, once', () => {
  const confirmations = createConfirmations()
  const code = confirmations.ask(who, act)
  expect(code).toMatch(/^\d{6}$/)
  expect(confirmations.take({ ...who, room: 'C2' }, code)).toBeNull()
  expect(confirmations.take({ ...who, user: 'U2' }, code)).toBeNull()
  expect(confirmations.take(who, code)).toBe(act)
  expect(confirmations.take(who, code)).toBeNull()
})

it('is too late after two minutes', () => {
  let now = 0
  const confirmations = createConfirmations(() => now)
  const code = confirmations.ask(who, act)
  now = 120_000
  const other = confirmations.ask({ ...who, room: 'C2' }, act)
  now = 120_001
  expect(confirmations.take(who, code)).toBeNull()
  expect(confirmations.take({ ...who, room: 'C2' }, other)).toBe(act)
})

it('is not to be guessed: three wrong codes end it', () => {
  const confirmations = createConfirmations()
  const code = confirmations.ask(who, act)
  const wrong = code === '000000' ? '000001' : '000000'
  for (const _try of [1, 2, 3]) expect(confirmations.take(who, wrong)).toBeNull()
  expect(confirmations.take(who, code)).toBeNull()
})

it('forgets what the same person asked before', () => {
  const confirmations = createConfirmations()
  const before = confirmations.ask(who, () => Promise.reject(new Error('dropped')))
  const code = confirmations.ask(who, act)
  if (before !== code) expect(confirmations.take(who, before)).toBeNull()
  expect(confirmations.take(who, code)).toBe(act)
})
