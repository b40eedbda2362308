import { join } from 'node:path'
import type { Platform } from '../platform/platform.ts'
import { readStateFile, writeStateFile } from '../platform/state-files.ts'
import { sceneEntrySeconds } from './fleet.ts'
import { sceneSentences, sceneStartFor } from './scene.ts'
import type { SceneSentence } from './scene.ts'
import { startSender } from './sender.ts'

const seed = 1
const tickMs = 1_000
const saveMs = 10_000

/** A pause after which ships can be anywhere again without having flown there. */
const forgottenMs = 90 * 60_000

/** What is sent of the time before now, so that ships have a past. */
const pastMs = sceneEntrySeconds * 1_000

interface Played {
  /** Time of the scene's first second, milliseconds since 1970. */
  readonly sceneStart: number
  /** Up to when sentences were acknowledged, milliseconds since 1970. */
  readonly until: number
}

export interface Traffic {
  stop(): Promise<void>
}

/**
 * Plays the scene at its true speed to the platform's gateway, from half an hour ago onwards.
 *
 * What was played before is remembered: a platform that is started again soon goes on with the
 * same scene, so that no ship jumps.
 */
export async function startTraffic(
  platform: Platform,
  options: { readonly onTrouble: (text: string) => void },
): Promise<Traffic> {
  const file = join(platform.stateDirectory, 'traffic.json')
  // Sample traffic that a damaged file has forgotten begins anew, as if it were the first time.
  const before = await readStateFile<Played>(file).catch(() => undefined)
  let played = resume(before, Date.now())
  let saved = Date.now()
  const sender = startSender({
    url: platform.gatewayUrl,
    token: async (renew) =>
      renew ? (await platform.signIn('ais-receiver')).token : await platform.token('ais-receiver'),
    onTrouble: options.onTrouble,
    onAcknowledged(time) {
      played = { ...played, until: Date.parse(time) }
    },
  })
  let source = playFrom(played)
  let next = source.next()
  let lastTick = Date.now()

  function tick(): void {
    const now = Date.now()
    if (now - lastTick > pastMs) {
      // The machine slept: what it missed is older than what is sent at a start.
      played = resume(played, now)
      source = playFrom(played)
      next = source.next()
    }
    lastTick = now
    const due: SceneSentence[] = []
    while (next.done !== true && Date.parse(next.value.time) <= now) {
      due.push(next.value)
      next = source.next()
    }
    sender.add(due)
    if (now - saved > saveMs) {
      saved = now
      void save()
    }
  }

  async function save(): Promise<void> {
    try {
      await writeStateFile(file, played)
    } catch (error) {
      options.onTrouble(String(error))
    }
  }

  // Known before the first sentence is stored: an interrupted start must go on with this scene.
  await save()
  tick()
  const ticking = setInterval(tick, tickMs)
  return {
    async stop() {
      clearInterval(ticking)
      await sender.stop()
      await save()
    },
  }
}

function resume(before: Played | undefined, now: number): Played {
  if (before === undefined || now - before.until > forgottenMs || before.until > now) {
    return { sceneStart: sceneStartFor(now), until: now - pastMs }
  }
  return { ...before, until: Math.max(before.until, now - pastMs) }
}

function playFrom({ sceneStart, until }: Played): Generator<SceneSentence> {
  return sceneSentences({
    start: sceneStart,
    seed,
    fromSeconds: (until - sceneStart) / 1000,
    durationSeconds: Number.POSITIVE_INFINITY,
  })
}
