import { describe, expect, it } from 'vitest'
import { hostOf, nextPause, outcomeOf, retryAfterSeconds, urlFaults } from './webhook.ts'

describe('the pause before the next attempt', () => {
  const schedule = [10, 100, 1_000]
  const pause = (failures: number, random: number, retryAfter: number | null = null) =>
    nextPause(failures, schedule, { retryAfter, random })

  it('is the schedule’s, a fifth more or less', () => {
    expect([pause(1, 0), pause(1, 0.5)]).toEqual([8, 10])
    expect(pause(1, 1)).toBeCloseTo(12)
    expect(pause(3, 0.5)).toBe(1_000)
  })

  it('is none when the schedule is over', () => {
    expect(pause(4, 0.5)).toBeNull()
    expect(pause(4, 0.5, 60)).toBeNull()
  })

  it('is as long as the receiver asked for, never shorter than ours nor longer than a day', () => {
    expect(pause(1, 0.5, 60)).toBe(60)
    expect(pause(2, 0.5, 60)).toBe(100)
    expect(pause(1, 0.5, 1e9)).toBe(86_400)
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-11-27T12:00:00Z')

  it.each([
    ['120', 120],
    [' 5 ', 5],
    ['Fri, 27 Nov 2026 12:01:00 GMT', 60],
    ['Fri, 27 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-1', null],
    ['1.5', null],
    ['2026', 2_026],
    ['', null],
  ])('of "%s" is %s seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds)
  })

  it('may be absent', () => {
    expect(retryAfterSeconds(undefined, now)).toBeNull()
  })
})

it.each([
  [200, 'DELIVERED'],
  [204, 'DELIVERED'],
  [301, 'REDIRECTED'],
  [304, 'REDIRECTED'],
  [400, 'REFUSED'],
  [410, 'GONE'],
  [503, 'REFUSED'],
] as const)('an answer of %i is %s', (status, outcome) => {
  expect(outcomeOf(status)).toBe(outcome)
})

describe('the address of a webhook', () => {
  it.each(['https://example.com', 'https://example.com:8443/a?b=c', 'http://example.com:80/'])(
    'may be %s',
    (url) => expect(urlFaults(url)).toEqual([]),
  )

  it.each([
    ['example.com/hook', 'is not an absolute URL'],
    ['https://', 'is not an absolute URL'],
    ['https://exa mple.com', 'is not an absolute URL'],
    ['ftp://example.com', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['javascript:alert(1)', 'must begin with https://'],
    ['https://user:secret@example.com', 'must not hold credentials'],
    ['https://user@example.com', 'must not hold credentials'],
    ['https://example.com/#top', 'must not have a fragment'],
    ['https://example.com:25', 'must name port 443, 80 or one from 1024'],
    ['https://example.com:22', 'must name port 443, 80 or one from 1024'],
  ])('may not be %s', (url, fault) => {
    expect(urlFaults(url).map(({ en }) => en)).toEqual([fault])
  })

  it.each([
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f000001/', '127.0.0.1'],
    ['http://0177.0.0.1/', '127.0.0.1'],
    ['http://127.1/', '127.0.0.1'],
    ['http://127.0.1/', '127.0.0.1'],
    ['http://0x7f.0.0.0x1/', '127.0.0.1'],
    ['http://１２７.０.０.１/', '127.0.0.1'],
    ['http://127。0。0。1/', '127.0.0.1'],
    ['http://0/', '0.0.0.0'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://[0:0:0:0:0:0:0:1]/', '::1'],
    ['http://LOCALHOST/', 'localhost'],
  ])('%s is at %s', (url, host) => {
    expect(hostOf(new URL(url))).toBe(host)
  })
})
