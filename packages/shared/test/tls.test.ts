import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect as connectPlainly } from 'node:net'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connect, type ConnectionOptions, type SecureVersion } from 'node:tls'
import { CertificateAuthority } from '@porttrack/local-certificates/certificate-authority'
import { describe, expect, it } from 'vitest'
import type { Sql } from '../src/database/transaction.ts'
import { createLogger } from '../src/logging/logger.ts'
import { createMetrics } from '../src/metrics/define-metrics.ts'
import { kitMetrics } from '../src/metrics/http-metrics.ts'
import { createRegistry } from '../src/metrics/registry.ts'
import { PeerCertificates } from '../src/testing/peer-certificates.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { CertificateFolder } from '../src/tls/certificates.ts'
import { peerUri, WrongPeerError } from '../src/tls/peer-identity.ts'
import { PeerPool } from '../src/tls/peer-pool.ts'
import { listener, notes } from './notes/notes.ts'

type Notes = TestService<{ database: { sql: Sql } }>

const issuers = ['gateway', 'notes', 'carga']
const startNotes = (certificates: PeerCertificates, env: Record<string, string> = {}) =>
  startTestService(notes, {
    issuer: new TokenIssuer(issuers),
    env: { ...certificates.env('notes'), ...env },
  })

/** What a client sees that shows `shown`: the first line of an answer, or how the connection ended. */
const knock = async (
  { url }: Notes,
  authority: CertificateAuthority,
  shown: ConnectionOptions = {},
): Promise<string> => {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    ca: authority.certificate,
    ...shown,
  })
  let text = ''
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.write('GET /openapi.json HTTP/1.1\r\nhost: notes\r\nconnection: close\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  return text.split('\r\n')[0] || 'refused'
}

const refusals = (service: Notes) =>
  service
    .logs()
    .filter(({ message }) => message === 'connection refused')
    .map((line) => line['event.reason'])

const metricOf = async ({ managementUrl }: Notes, name: string): Promise<string> =>
  (await (await fetch(`${managementUrl}/metrics`)).text())
    .split('\n')
    .filter((line) => line.startsWith(name))
    .join('\n')

/** How another process reaches the service. */
const reach = (certificates: PeerCertificates, from: string, { url }: Notes, name = 'notes') => {
  const log = createLogger({ service: from, version: 'test', level: 'silent' })
  const { certificateRemaining: remaining } = createMetrics(kitMetrics, createRegistry())
  const folder = new CertificateFolder(certificates.folder(from), { use: 'peers', log, remaining })
  const tls = { certificates: folder, trustDomain: 'porttrack' }
  const pool = new PeerPool(url, { name, tls, pool: { connections: 4 } })
  return {
    current: () => folder.current(),
    get: async (path = '/openapi.json') => {
      const { statusCode, body } = await pool.current().request({ method: 'GET', path })
      await body.dump()
      return statusCode
    },
    [Symbol.asyncDispose]: async () => {
      folder.close()
      await pool.destroy()
    },
  }
}

/** The certificate that a service shows at present. */
const shownBy = async ({ url }: Notes, authority: CertificateAuthority, own: object) => {
  const socket = connect({ port: Number(new URL(url).port), ca: authority.certificate, ...own })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

describe('mutual TLS', () => {
  it('carries a feed from one service to another, while health and metrics stay plain', async () => {
    using certificates = await PeerCertificates.create('notes', 'carga')
    await using service = await startNotes(certificates)
    await using reader = await startTestService(listener, {
      issuer: service.issuer,
      env: { ...certificates.env('carga'), NOTES_URL: service.url },
    })
    expect(service.url).toMatch(/^https:/)
    await service.request('POST', '/v1/notes', { body: { text: 'over TLS' } })
    const heard = () => reader.opened.database.sql('SELECT text FROM echo')
    await expect.poll(heard).toEqual([{ text: 'over TLS' }])
    expect((await fetch(`${service.managementUrl}/health/ready`)).status).toBe(200)
    expect(await metricOf(service, 'tls_certificate_remaining_seconds')).toMatch(
      /\{use="peers"\} 25\d{5}/,
    )
  })

  it('lets in who is on the list, and refuses everybody else with a reason in the log', async () => {
    using certificates = await PeerCertificates.create('notes')
    await using service = await startNotes(certificates)
    const { authority } = certificates
    const show = async (name: string, issue: Parameters<PeerCertificates['issue']>[1] = {}) => {
      const { certificate: cert, key } = await certificates.issue(name, issue)
      return await knock(service, authority, { cert, key })
    }
    for (const name of ['gateway', 'carga']) expect(await show(name)).toBe('HTTP/1.1 200 OK')
    expect(refusals(service)).toEqual([])

    const foreign = await CertificateAuthority.create('foreign')
    const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 1) }
    const future = { notBefore: new Date(Date.now() + 3_600_000) }
    const two = [peerUri('porttrack', 'gateway'), peerUri('porttrack', 'carga')]
    const hidden = ['https://x/, URI:spiffe://porttrack/gateway, URI:y']
    const cases: [string, () => Promise<string>][] = [
      ['no-certificate', () => knock(service, authority)],
      ['CERT_HAS_EXPIRED', () => show('gateway', past)],
      ['CERT_NOT_YET_VALID', () => show('gateway', future)],
      ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', () => show('gateway', { authority: foreign })],
      // Trusted, but rutas reads nobody's notes.
      ['not-admitted', () => show('rutas')],
      ['not-admitted', () => show('gateway', { uris: [peerUri('elsewhere', 'gateway')] })],
      ['not-admitted', () => show('gateway', { uris: [] })],
      ['not-admitted', () => show('gateway', { uris: two })],
      ['not-admitted', () => show('gateway', { uris: hidden })],
    ]
    for (const [, attempt] of cases) expect(await attempt()).toBe('refused')
    const reasons = cases.map(([reason]) => reason)
    await expect.poll(() => refusals(service)).toEqual(reasons)
    const line = service.logs().find((each) => each['tls.client.subject'] === 'rutas')
    expect(line).toMatchObject({
      'log.level': 'warn',
      'source.ip': '127.0.0.1',
      'tls.client.x509.alternative_names': expect.stringContaining('spiffe://porttrack/rutas'),
    })
    expect(await metricOf(service, 'tls_connections_refused_total')).toContain(
      '{reason="not-admitted"} 5',
    )
  })

  it('speaks neither plain HTTP nor a TLS older than 1.2', async () => {
    using certificates = await PeerCertificates.create('notes')
    await using service = await startNotes(certificates)
    await expect(fetch(service.url.replace('https:', 'http:'))).rejects.toThrow()
    const { certificate: cert, key } = await certificates.issue('gateway')
    const versions = (version: SecureVersion) => ({
      cert,
      key,
      minVersion: version,
      maxVersion: version,
      // OpenSSL's own default forbids the old versions.
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    expect(await knock(service, certificates.authority, versions('TLSv1.1'))).toBe('refused')
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      expect(await knock(service, certificates.authority, versions(version))).toBe(
        'HTTP/1.1 200 OK',
      )
    }
    await expect.poll(() => refusals(service)).toHaveLength(2)
  })

  it('waits no longer for a handshake than for headers', { timeout: 60_000 }, async () => {
    using certificates = await PeerCertificates.create('notes')
    await using service = await startNotes(certificates)
    const socket = connectPlainly(Number(new URL(service.url).port), '127.0.0.1')
    socket.on('error', () => undefined).resume()
    await once(socket, 'close')
    expect(refusals(service)).toEqual(['ERR_TLS_HANDSHAKE_TIMEOUT'])
  })

  it('speaks with nobody but the process that is meant', async () => {
    using certificates = await PeerCertificates.create('notes', 'gateway')
    await using service = await startNotes(certificates)
    await using misled = reach(certificates, 'gateway', service, 'barcos')
    await expect(misled.get()).rejects.toThrow(WrongPeerError)
    await using rightly = reach(certificates, 'gateway', service)
    expect(await rightly.get()).toBe(200)
    expect(() => reach(certificates, 'gateway', { ...service, url: 'http://127.0.0.1:1' })).toThrow(
      'needs an https address',
    )
  })

  it('does not start without usable certificates, and says which file is at fault', async () => {
    using certificates = await PeerCertificates.create('notes')
    const { key } = await certificates.issue('notes')
    writeFileSync(join(certificates.folder('notes'), 'tls.key'), key)
    await expect(startNotes(certificates)).rejects.toThrow(/tls\.key is not the key of .*tls\.crt/)
    await certificates.renew('notes', { notAfter: new Date(Date.now() - 1) })
    await expect(startNotes(certificates)).rejects.toThrow(/tls\.crt has expired/)
    await expect(startNotes(certificates, { TLS_DIR: '/nowhere' })).rejects.toThrow(
      /\/nowhere\/tls\.crt/,
    )
  })
})

describe('a new certificate', () => {
  it('is taken up under load, and so is a new authority in two steps, without a failed request', async () => {
    using certificates = await PeerCertificates.create('notes', 'gateway')
    await using service = await startNotes(certificates)
    await using gateway = reach(certificates, 'gateway', service)
    const former = certificates.authority
    const stolen = await certificates.issue('gateway')
    const old = { cert: stolen.certificate, key: stolen.key }

    const answers: (number | string)[] = []
    const enough = new AbortController()
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!enough.signal.aborted) {
          answers.push(await gateway.get().catch((error: Error) => error.message))
          await sleep(2)
        }
      }),
    )
    let connections = 0
    service.app.server.on('secureConnection', () => (connections += 1))

    const first = await shownBy(service, former, old)
    await Promise.all([certificates.renew('notes'), certificates.renew('gateway')])
    await expect.poll(() => shownBy(service, former, old), { interval: 200 }).not.toBe(first)

    // The authority is changed: both are trusted, then certificates come from the new one, then only
    // the new one is trusted.
    const next = await CertificateAuthority.create('next')
    const both = { trusted: [former, next] }
    for (const name of ['notes', 'gateway']) await certificates.renew(name, both)
    const own = await certificates.issue('gateway', { authority: next })
    const renewed = { cert: own.certificate, key: own.key }
    const answered = 'HTTP/1.1 200 OK'
    await expect.poll(() => knock(service, former, renewed), { interval: 200 }).toBe(answered)
    await expect.poll(() => gateway.current().authorities).toContain(next.certificate)
    const issued = { ...both, authority: next }
    const [, { certificate }] = await Promise.all([
      certificates.renew('notes', issued),
      certificates.renew('gateway', issued),
    ])
    await expect.poll(() => knock(service, next, renewed), { interval: 200 }).toBe(answered)
    await expect.poll(() => gateway.current().certificate).toBe(certificate)
    for (const name of ['notes', 'gateway']) {
      await certificates.renew(name, { trusted: [next], authority: next })
    }
    await expect.poll(() => knock(service, next, old), { interval: 200 }).toBe('refused')
    await sleep(500)
    enough.abort()
    await load

    expect(new Set(answers)).toEqual(new Set([200]))
    expect(answers.length).toBeGreaterThan(100)
    expect(refusals(service)).toEqual(expect.arrayContaining(['UNABLE_TO_VERIFY_LEAF_SIGNATURE']))
    // Four changes, at most four connections after each, and those of this test.
    expect(connections).toBeLessThan(100)
    const open = () => promisify(service.app.server.getConnections.bind(service.app.server))()
    await expect.poll(open).toBeLessThanOrEqual(4)
  })

  it('ends a connection made under the one before, after its next answer', async () => {
    using certificates = await PeerCertificates.create('notes')
    await using service = await startNotes(certificates)
    const { certificate: cert, key } = await certificates.issue('gateway')
    const agent = new Agent({ cert, key, ca: certificates.authority.certificate, keepAlive: true })
    const ask = async () => {
      const [answer] = (await once(get(`${service.url}/openapi.json`, { agent }), 'response')) as [
        IncomingMessage,
      ]
      answer.resume()
      await once(answer, 'end')
      return [answer.statusCode, answer.headers.connection]
    }
    expect(await ask()).toEqual([200, 'keep-alive'])
    await certificates.renew('notes')
    await expect.poll(ask, { interval: 100 }).toEqual([200, 'close'])
    expect(await ask()).toEqual([200, 'keep-alive'])
    agent.destroy()
  })

  it('that is broken or half written leaves the one before in use, and is told', async () => {
    using certificates = await PeerCertificates.create('notes', 'gateway')
    await using service = await startNotes(certificates)
    await using gateway = reach(certificates, 'gateway', service)
    const folder = certificates.folder('notes')
    const own = await certificates.issue('gateway')
    const shown = () =>
      shownBy(service, certificates.authority, { cert: own.certificate, key: own.key })
    const first = await shown()
    const told = () =>
      service
        .logs()
        .filter(({ message }) => message === 'certificate not usable, the one before stays in use')
        .map(({ error }) => (error as Error).message)

    const next = await certificates.issue('notes')
    const path = (name: string) => join(folder, name)
    writeFileSync(path('tls.crt'), next.certificate.slice(0, -100))
    await expect.poll(told).toEqual([expect.stringContaining('tls.crt does not hold whole')])
    writeFileSync(path('tls.crt'), next.certificate)
    await expect.poll(told).toHaveLength(2)
    expect(told()[1]).toMatch(/tls\.key is not the key of/)
    const authorities = readFileSync(path('ca.crt'), 'utf8')
    writeFileSync(path('tls.key'), next.key.slice(0, 60))
    await expect.poll(told).toHaveLength(3)
    writeFileSync(path('ca.crt'), `${authorities}${authorities.slice(0, 99)}`)
    await expect.poll(told).toHaveLength(4)
    expect(await gateway.get()).toBe(200)
    expect(await shown()).toBe(first)

    writeFileSync(path('ca.crt'), authorities)
    writeFileSync(path('tls.key'), next.key)
    await expect.poll(shown, { interval: 200 }).not.toBe(first)
    expect(await gateway.get()).toBe(200)
    // No line has anything of a key.
    expect(JSON.stringify(service.logs())).not.toContain('PRIVATE KEY')
  })

  it('that is not valid yet is taken up when its time has come', async () => {
    using certificates = await PeerCertificates.create('notes')
    await using service = await startNotes(certificates)
    const own = await certificates.issue('gateway')
    const shown = () =>
      shownBy(service, certificates.authority, { cert: own.certificate, key: own.key })
    const first = await shown()
    await certificates.renew('notes', { notBefore: new Date(Date.now() + 6_000) })
    const told = () => JSON.stringify(service.logs()).includes('tls.crt is not valid before')
    await expect.poll(told).toBe(true)
    expect(await shown()).toBe(first)
    await expect.poll(shown, { interval: 200 }).not.toBe(first)
  })

  it('may come through a symbolic link, as Kubernetes swaps a whole folder', async () => {
    using certificates = await PeerCertificates.create('first', 'second')
    for (const name of ['first', 'second']) {
      await certificates.renew(name, { uris: [peerUri('porttrack', 'notes')] })
    }
    const mount = certificates.folder('notes')
    mkdirSync(mount)
    const point = (name: string) => {
      symlinkSync(certificates.folder(name), join(mount, '..data_tmp'))
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
    }
    point('first')
    for (const name of ['tls.crt', 'tls.key', 'ca.crt']) {
      symlinkSync(join('..data', name), join(mount, name))
    }
    await using service = await startNotes(certificates)
    const own = await certificates.issue('gateway')
    const shown = () =>
      shownBy(service, certificates.authority, { cert: own.certificate, key: own.key })
    const first = await shown()
    point('second')
    await expect.poll(shown, { interval: 200 }).not.toBe(first)
  })
})
