import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { newSecret, signedHeaders } from './signature.ts'

const now = () => Math.floor(Date.now() / 1_000)

describe('a signature', () => {
  it('is accepted by the scheme’s own library, for each of several secrets', () => {
    const [old, renewed] = [newSecret(), newSecret()]
    const message = { id: 'a', timestamp: now(), body: '{"name":"Peñón"}' }
    const headers = signedHeaders(message, [renewed, old])
    for (const secret of [old, renewed]) {
      expect(new Webhook(secret).verify(message.body, headers)).toEqual({ name: 'Peñón' })
    }
    expect(() => new Webhook(newSecret()).verify(message.body, headers)).toThrow()
  })

  it('covers id, time and body', () => {
    const secret = newSecret()
    const message = { id: 'a', timestamp: now(), body: '{}' }
    const headers = signedHeaders(message, [secret])
    const webhook = new Webhook(secret)
    expect(() => webhook.verify('{ }', headers)).toThrow()
    expect(() => webhook.verify('{}', { ...headers, 'webhook-id': 'b' })).toThrow()
    const later = { ...headers, 'webhook-timestamp': String(message.timestamp + 1) }
    expect(() => webhook.verify('{}', later)).toThrow()
  })

  it('equals the one of the scheme’s example', () => {
    const headers = signedHeaders(
      {
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        timestamp: 1_614_265_330,
        body: '{"test": 2432232314}',
      },
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    )
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('has 32 bytes of secret behind it', () => {
    expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(newSecret()).not.toBe(newSecret())
  })
})
