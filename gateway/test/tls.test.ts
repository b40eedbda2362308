import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { CertificateAuthority } from '@porttrack/local-certificates/certificate-authority'
import { PeerCertificates } from '@porttrack/shared/testing/peer-certificates'
import { peerUri } from '@porttrack/shared/tls/peer-identity'
import { describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'

/** A service that asks for a certificate, counts connections and tells who has called. */
const startService = async (
  certificates: PeerCertificates,
  options: ServerOptions & Parameters<PeerCertificates['issue']>[1] = {},
) => {
  const { certificate: cert, key } = await certificates.issue('barcos', options)
  const server: Server = createServer(
    {
      cert,
      key,
      ca: certificates.authority.certificate,
      requestCert: true,
      keepAliveTimeout: 60_000,
      ...options,
    },
    (request, response) => {
      const peer: PeerCertificate = (request.socket as TLSSocket).getPeerCertificate()
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ caller: peer.subjectaltname, serial: peer.serialNumber }))
    },
  )
  let connections = 0
  server.on('secureConnection', () => (connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const start = (certificates: PeerCertificates, url: string, env: Record<string, string> = {}) => {
  // The others are not there, but their addresses are such as TLS wants.
  const nowhere = 'https://127.0.0.1:1'
  return startGateway(
    { barcos: url, carga: nowhere, rutas: nowhere, personal: nowhere },
    { env: { ...certificates.env('gateway'), ...env } },
  )
}

// With a body another client sends it: docs/adr/0029.
const methods = ['GET', 'POST'] as const

const askBy = (method: (typeof methods)[number]) => (gateway: TestGateway) =>
  call(gateway, '/barcos/v1/vessels', { method, ...(method === 'POST' ? { body: '{}' } : {}) })

describe.each(methods)('a gateway with mutual TLS, asked by %s', (method) => {
  const ask = askBy(method)

  it('shows its certificate, and uses its connections again', async () => {
    using certificates = await PeerCertificates.create('gateway')
    await using service = await startService(certificates)
    await using gateway = await start(certificates, service.url)
    const answers = []
    for (let each = 0; each < 100; each += 1) answers.push(await ask(gateway))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(answers[0]?.body.caller).toContain('URI:spiffe://porttrack/gateway')
    expect(service.connections()).toBe(1)
    await Promise.all(Array.from({ length: 200 }, () => ask(gateway)))
    const used = service.connections()
    expect(used).toBeLessThanOrEqual(128)
    await Promise.all(Array.from({ length: used }, () => ask(gateway)))
    expect(service.connections()).toBe(used)
  })

  it('reaches a service by its name, which it tells in the handshake', async () => {
    using certificates = await PeerCertificates.create('gateway')
    const names: unknown[] = []
    await using service = await startService(certificates, {
      SNICallback: (name, done) => {
        names.push(name)
        done(null)
      },
    })
    await using gateway = await start(certificates, service.url.replace('127.0.0.1', 'localhost'))
    expect((await ask(gateway)).status).toBe(200)
    expect(names).toEqual(['localhost'])
  })

  it('takes up a new certificate under load without a failed request', async () => {
    using certificates = await PeerCertificates.create('gateway')
    await using service = await startService(certificates)
    await using gateway = await start(certificates, service.url)
    const serials = new Set<string>()
    const statuses = new Set<number>()
    const load = async (until: () => boolean) => {
      while (!until()) {
        const { status, body } = await ask(gateway)
        statuses.add(status)
        serials.add(body.serial)
      }
    }
    await load(() => serials.size === 1)
    for (const known of [1, 2]) {
      await certificates.renew('gateway')
      await Promise.all(Array.from({ length: 4 }, () => load(() => serials.size > known)))
    }
    expect(statuses).toEqual(new Set([200]))
    expect(service.connections()).toBeLessThan(20)
  })

  it('answers 502 for a service that it does not trust, and says why', async () => {
    using certificates = await PeerCertificates.create('gateway')
    const foreign = await CertificateAuthority.create('foreign')
    for (const [options, cause] of [
      [{ authority: foreign }, 'unable to verify'],
      [{ notAfter: new Date(Date.now() - 1_000) }, 'certificate has expired'],
      [{ uris: [peerUri('porttrack', 'carga')] }, 'speaks for URI:spiffe://porttrack/carga'],
      [{ uris: [] }, 'the certificate of barcos speaks for'],
    ] as const) {
      await using service = await startService(certificates, options)
      await using gateway = await start(certificates, service.url)
      const { status, body, text } = await ask(gateway)
      expect([status, body.code]).toEqual([502, 'UPSTREAM_BROKEN'])
      expect(text).not.toMatch(/certificate|TLS/i)
      expect(gateway.service.logs()).toContainEqual(
        expect.objectContaining({
          message: 'no answer from the service',
          'event.reason': 'untrusted',
          error: expect.objectContaining({ message: expect.stringContaining(cause) }),
        }),
      )
    }
  })

  it('answers 502 for a service that does not trust it', async () => {
    using certificates = await PeerCertificates.create('gateway')
    const foreign = await CertificateAuthority.create('foreign')
    await certificates.renew('gateway', { authority: foreign })
    await using service = await startService(certificates)
    await using gateway = await start(certificates, service.url)
    const { status, body } = await ask(gateway)
    expect([status, body.code]).toEqual([502, 'UPSTREAM_BROKEN'])
  })

  it('does not start with an address of plain HTTP', async () => {
    using certificates = await PeerCertificates.create('gateway')
    await expect(start(certificates, 'http://127.0.0.1:1')).rejects.toThrow(
      'barcos needs an https address',
    )
  })
})

describe('the public side', () => {
  it('shows users a certificate where it is given one, and asks for none', async () => {
    using certificates = await PeerCertificates.create('gateway', 'public')
    await using service = await startService(certificates)
    const folder = certificates.folder('public')
    await using gateway = await start(certificates, service.url, { PUBLIC_TLS_DIR: folder })
    expect(gateway.url).toMatch(/^https:/)
    const ca = readFileSync(join(folder, 'ca.crt'))
    const headers = { authorization: `Bearer ${gateway.pool.userToken()}` }
    const answer = () =>
      new Promise<{ status: number | undefined; serial: string }>((resolve, reject) => {
        get(`${gateway.url}/barcos/v1/vessels`, { ca, headers, agent: false }, (response) => {
          const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
          response.resume()
          resolve({ status: response.statusCode, serial: serialNumber })
        }).on('error', reject)
      })
    const { status, serial } = await answer()
    expect(status).toBe(200)
    await certificates.renew('public')
    await expect.poll(async () => (await answer()).serial, { interval: 200 }).not.toBe(serial)
  })
})
