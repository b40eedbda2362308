import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followOwnEvents, type OwnEvent } from '../src/events/own-events.ts'
import { createLogger } from '../src/logging/logger.ts'
import { supervise } from '../src/service/background.ts'
import { startTestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { notes } from './notes/notes.ts'

const patience = { timeout: 20_000 }
const log = createLogger({ service: 'notes', version: 'test', level: 'silent' })
const open = () => startTestService(notes, { issuer: new TokenIssuer(['gateway', 'notes']) })
let service: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  service = await open()
})
afterAll(() => service[Symbol.asyncDispose]())

const publish = (...names: string[]) =>
  service.opened.database.transaction(async (unit) => {
    for (const name of names) {
      unit.publish({ type: `notes.test.${name.split(' ')[0]}`, subject: name, data: { name } })
    }
  })
const nameOf = ({ data }: OwnEvent) => (data as { name: string }).name

type Follower = { name: string; apply: (events: readonly OwnEvent[]) => Promise<void> }

/** Follows events of type `told` until it is disposed of. */
const follow = async ({ name, apply }: Follower) => {
  const end = new AbortController()
  const { database } = service.opened
  const job = followOwnEvents({ name, database, types: ['notes.test.told'], apply })
  const running = supervise(job, { log, signal: end.signal })
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
    },
  }
}
const isFollowed = (name: string) =>
  expect
    .poll(
      () => service.opened.database.sql('SELECT FROM kit.feed_cursor WHERE source = $1', [name]),
      patience,
    )
    .toHaveLength(1)

describe('a follower of the service’s own events', () => {
  it('gets those of its types that come after its first start, in order, each once', async () => {
    await publish('told before')
    const seen: string[] = []
    const given = {
      name: 'two replicas',
      apply: async (events: readonly OwnEvent[]) => {
        seen.push(...events.map(nameOf))
      },
    }
    {
      await using _one = await follow(given)
      await using _two = await follow(given)
      await isFollowed(given.name)
      await publish('told 1', 'other', 'told 2')
      await publish('told 3')
      await expect.poll(() => seen, patience).toEqual(['told 1', 'told 2', 'told 3'])
    }
    await publish('told while away')
    await using _again = await follow(given)
    await expect
      .poll(() => seen, patience)
      .toEqual(['told 1', 'told 2', 'told 3', 'told while away'])
  })

  it('gets again what it has failed at', async () => {
    const seen: string[][] = []
    const name = 'fails once'
    await using _ = await follow({
      name,
      apply: async (events) => {
        seen.push(events.map(nameOf))
        if (seen.length === 1) throw new Error('not now')
      },
    })
    await isFollowed(name)
    await publish('told with trouble')
    await expect.poll(() => seen, patience).toEqual([['told with trouble'], ['told with trouble']])
  })
})
