import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestGateway, startGateway } from '../../gateway/test/gateway.ts'
import { services } from '../../scripts/generate/processes.ts'
import { makeObjects } from '../api/objects.ts'
import { documentOf, documentOfPart } from '../api/document.ts'
import { gatewayDoor } from '../api/gateway-door.ts'
import { type RunningServices, startServices } from '../api/services.ts'
import { fuzz } from './fuzzer.ts'

/** Requests to each operation, right ones and wrong ones each. */
const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 40)
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_127)

let running: RunningServices
let gateway: TestGateway
let objects: Record<string, string>
beforeAll(async () => {
  process.stdout.write(`fuzzing with FUZZ_SEED=${seed} FUZZ_ROUNDS=${rounds}\n`)
  running = await startServices()
  objects = await makeObjects(running)
  const urls = Object.fromEntries(running.all.map(({ name, url }) => [name, url]))
  gateway = await startGateway(urls, { issuer: running.issuer })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await running[Symbol.asyncDispose]()
})

describe.each(services.map(({ name }) => name))('every operation of %s', (name) => {
  it('answers as its document says, whatever is sent', async () => {
    const door = running.named(name)
    const document = await documentOf(door)
    const { faults, succeeded } = await fuzz({ door, document, objects, rounds, seed })
    expect(faults).toEqual([])
    // What is refused every time would be tried in vain.
    expect(succeeded.size).toBeGreaterThan(document.operations.length / 3)
  }, 600_000)

  it('answers callers of the gateway as the joined document says', async () => {
    const door = gatewayDoor(gateway, name)
    const document = documentOfPart(await documentOf(door), `/${name}/`)
    const few = Math.ceil(rounds / 5)
    const { faults, succeeded } = await fuzz({ door, document, objects, rounds: few, seed })
    expect(faults).toEqual([])
    expect(succeeded.size).toBeGreaterThan(document.operations.length / 4)
  }, 600_000)
})
