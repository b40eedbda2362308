import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { receiver, workspace, type Workspace } from './script.ts'

const digest = `sha256:${'a'.repeat(64)}`
const stable = `ghcr.io/example/porttrack/barcos@sha256:${'b'.repeat(64)}`

/** A gateway that keeps which release was asked for, by which token. */
const gateway = async () => {
  const asked: { path: string; canary: unknown; token: unknown }[] = []
  const server = createServer((request, response) => {
    const { 'x-canary': canary, authorization: token } = request.headers
    asked.push({ path: request.url ?? '', canary, token })
    response.writeHead(403).end('{}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Rehearsal = { release: string; after?: string; ENVIRONMENT?: string }

/** Rehearses with a release command that does what `release` says. */
const rehearse = async (work: Workspace, { release, after = stable, ENVIRONMENT }: Rehearsal) => {
  await using door = await gateway()
  await using tokens = await receiver([200], '{ "access_token": "a.b.c", "expires_in": 3600 }')
  const counter = `${work.folder}/asked`
  await work.replace(
    'kubectl',
    `if [ -e '${counter}' ]; then echo '${after}'; else touch '${counter}'; echo '${stable}'; fi`,
  )
  await work.replace('docker', `case "$*" in *inspect*) echo ${digest} ;; esac`)
  await work.replace('node', release)
  const chart = `echo '  image: ghcr.io/example/porttrack/barcos:v1'`
  await work.replace('helm', `case $1 in template) ${chart} ;; esac`)
  const ended = await work.script('rehearse.ts', {
    SERVICE: 'barcos',
    ENVIRONMENT: ENVIRONMENT ?? 'staging',
    ATTEMPT: '12',
    IMAGES: 'ghcr.io/example/porttrack',
    GATEWAY_URL: door.url,
    TOKEN_URL: tokens.url,
    CLIENT_ID: 'rehearsal',
    CLIENT_SECRET: 'secret',
  })
  return { ...ended, asked: door.asked, tokens: tokens.received }
}

const released = `echo '{"event":"released","message":"serves every caller"}';`
const rolledBack = `echo '{"event":"rolled-back","message":"rolled back, because it is slow"}'; exit 1`

describe('the rehearsal', () => {
  it('passes when the fault is rolled back, under traffic to both releases', async () => {
    await using work = await workspace()
    const { exitCode, errors, output, asked, tokens } = await rehearse(work, {
      release: `sleep 1; ${rolledBack}`,
    })
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
    expect(output).toMatch(/^after \d+ s: rolled back, because it is slow$/m)
    const [build = ''] = await work.callsOf('docker')
    expect(build).toContain(`buildx build --push --build-arg=IMAGE=${stable}`)
    expect(build).toContain('--tag=ghcr.io/example/porttrack/barcos:v0.0.0-canary.12')
    const [command = ''] = await work.callsOf('node')
    expect(command).toContain(`barcos staging --version=v0.0.0-canary.12 --digest=${digest} --json`)
    expect(tokens[0]).toMatchObject({
      authorization: `Basic ${Buffer.from('rehearsal:secret').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=gateway%2Fcanary',
    })
    for (const canary of ['always', 'never']) {
      expect(asked).toContainEqual({ path: '/barcos/v1/webhooks', canary, token: 'Bearer a.b.c' })
    }
  })

  it.each([
    ['the fault was promoted', { release: 'exit 0' }, 'ended with 0 and was not'],
    ['it was released first', { release: `${released}${rolledBack}` }, 'the figures did not show'],
    ['the release failed otherwise', { release: 'exit 1' }, 'ended with 1 and was not'],
    ['another image is stable', { release: rolledBack, after: 'x@y' }, 'roll back by hand'],
    ['it is in prod', { release: 'exit 3', ENVIRONMENT: 'prod' }, 'nobody rehearses in prod'],
  ])('fails when %s', async (_, rehearsal, why) => {
    await using work = await workspace()
    const { exitCode, errors } = await rehearse(work, rehearsal)
    expect(exitCode).toBe(1)
    expect(errors).toContain(why)
  })
})
