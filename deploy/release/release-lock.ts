import { ConflictError, type Kubectl } from './kubectl.ts'
import { pause } from './pause.ts'
import { StepError } from './release-context.ts'

/** A Lease of `coordination.k8s.io`, as far as it matters here. */
type Lease = {
  metadata: { name: string; resourceVersion?: string; annotations?: Record<string, string> }
  spec: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number }
}

/** Somebody else has the lock, for longer than was to be waited. */
export class LockedError extends Error {
  override readonly name = 'LockedError'
  readonly holder: string

  constructor(holder: string) {
    super(`${holder} has the lock`)
    this.holder = holder
  }
}

/** The lock could not be kept: another run may have it. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError'
}

type LockOptions = {
  service: string
  /** Who asks, for others to read. */
  holder: string
  /** Seconds after which a lock that nobody renews is free. */
  duration: number
  /** Seconds to wait for it. */
  patience: number
  /** Whether a release that has it is asked to end: it rolls back, and gives the lock up. */
  interrupts: boolean
  signal: AbortSignal
  /** Called once for each holder that is waited for. */
  onWait: (holder: string) => void
}

/**
 * Parts of a lock's duration. It is renewed often enough for two renewals to fail; given up when none
 * has succeeded for half of it; what runs then is ended within another quarter; and the last quarter
 * lies between that and the first moment at which somebody else may have it.
 */
const renewedEach = 1 / 6
const renewedWithin = 1 / 6
const givenUpAfter = 1 / 2
const endedWithin = 1 / 4

/** Seconds that a program may take to end once the lock is lost, so that nobody else has it yet. */
export const graceWithin = (duration: number): number => duration * endedWithin

const nameOf = (service: string): string => `release-${service}`

/** Who would like the holder to end. */
const askedBy = 'porttrack.io/asked-by'

/** Who has the lock of a service, or had it when the process ended outright; null when it is free. */
export const lockHolder = async (
  kubectl: Kubectl,
  service: string,
): Promise<{ holder: string; renewedAt: string } | null> => {
  const { holderIdentity: holder = '', renewTime: renewedAt = '' } =
    (await kubectl.get<Lease>('lease', nameOf(service)))?.spec ?? {}
  return holder === '' ? null : { holder, renewedAt }
}

/** Kubernetes wants microseconds. */
const microTime = (): string => new Date().toISOString().replace('Z', '000Z')

/**
 * The lock of one service in one environment, renewed until it is given back. Only one run has it at a
 * time: every change of the Lease names the version that it changes.
 *
 * Whether a holder is gone is told by the Lease standing still for its duration as this process measures
 * it, so clocks that differ or jump take nothing from anybody.
 */
export class ReleaseLock implements AsyncDisposable {
  /** Whom it was asked of before it was had, and who ended for that; null when nobody. */
  readonly interrupted: string | null
  readonly #kubectl: Kubectl
  readonly #options: LockOptions
  readonly #lost = new AbortController()
  readonly #asked = new AbortController()
  readonly #timer: NodeJS.Timeout
  #lease: Lease
  #renewing: Promise<void> = Promise.resolve()
  #end: NodeJS.Timeout

  private constructor(kubectl: Kubectl, options: LockOptions, had: Had) {
    this.#kubectl = kubectl
    this.#options = options
    this.#lease = had.lease
    this.interrupted = had.interrupted
    this.#end = this.#giveUpAfter(had.since)
    this.#timer = setInterval(
      () => {
        this.#renewing = this.#renewing.then(() => this.#renew())
      },
      options.duration * 1_000 * renewedEach,
    )
  }

  /** Aborted with LockLostError once it cannot be relied on. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Aborted when somebody asks that it be given back. */
  get asked(): AbortSignal {
    return this.#asked.signal
  }

  /**
   * @throws LockedError when another holder keeps it for longer than `patience`; the signal's reason;
   * CommandError
   */
  static async acquire(kubectl: Kubectl, options: LockOptions): Promise<ReleaseLock> {
    const { duration, patience, interrupts, signal, onWait, holder } = options
    const name = nameOf(options.service)
    const begun = performance.now()
    const seen = { version: '', since: 0, holder: '' }
    let interrupted: string | null = null
    for (;;) {
      signal.throwIfAborted()
      const present = await kubectl.get<Lease>('lease', name, signal)
      const other = present?.spec.holderIdentity ?? ''
      const version = present?.metadata.resourceVersion ?? ''
      if (version !== seen.version) Object.assign(seen, { version, since: performance.now() })
      const expired =
        performance.now() - seen.since > (present?.spec.leaseDurationSeconds ?? duration) * 1_000
      if (other === '' || expired) {
        try {
          const since = performance.now()
          // Nothing depends on it yet, but that there is time left to renew it.
          const timeout = (duration * givenUpAfter) / 2
          const lease = await write(kubectl, { name, holder, duration, version, timeout })
          return new ReleaseLock(kubectl, options, { lease, since, interrupted })
        } catch (error) {
          // Somebody was faster.
          if (!(error instanceof ConflictError)) throw error
        }
      } else {
        if (seen.holder !== other) {
          onWait(other)
          if (interrupts) {
            const change = { metadata: { annotations: { [askedBy]: holder } } }
            await kubectl.patch({ kind: 'lease', name }, change)
            interrupted = other
          }
        }
        seen.holder = other
        if (performance.now() - begun > patience * 1_000) throw new LockedError(other)
      }
      await pause(Math.min(2_000, (duration * 1_000) / 4), signal)
    }
  }

  /** Gives it back; if that fails, it is free once its duration is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    clearTimeout(this.#end)
    if (this.#lost.signal.aborted) return
    await this.#write('')
      .catch((error: unknown) => this.#takeUp(error).then(() => this.#write('')))
      .catch(() => undefined)
  }

  /** @param since of `performance.now()`, before it was asked for: from then on the duration runs */
  #giveUpAfter(since: number): NodeJS.Timeout {
    const left = this.#options.duration * 1_000 * givenUpAfter - (performance.now() - since)
    return setTimeout(() => this.#giveUp(), left)
  }

  #giveUp(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#end)
    this.#lost.abort(new LockLostError('the lock was lost, another run may have it'))
  }

  async #renew(): Promise<void> {
    if (this.#lost.signal.aborted) return
    const since = performance.now()
    try {
      await this.#write(this.#options.holder).catch(async (error: unknown) => {
        await this.#takeUp(error)
        await this.#write(this.#options.holder)
      })
    } catch {
      // Either another has it, and it was given up; or it is tried again, as long as there is time.
      return
    }
    if (this.#lost.signal.aborted) return
    clearTimeout(this.#end)
    this.#end = this.#giveUpAfter(since)
  }

  /** After a conflict: somebody has taken it, or written on it whom the holder should make way for. */
  async #takeUp(error: unknown): Promise<void> {
    if (!(error instanceof ConflictError)) throw error
    const { service, holder } = this.#options
    const present = await this.#kubectl.get<Lease>('lease', nameOf(service))
    if (present?.spec.holderIdentity !== holder) {
      this.#giveUp()
      throw error
    }
    this.#lease = present
    const by = present.metadata.annotations?.[askedBy]
    if (by) this.#asked.abort(new StepError(`${by} asked for a rollback`))
  }

  async #write(holder: string): Promise<void> {
    const { duration } = this.#options
    const { name, resourceVersion: version = '' } = this.#lease.metadata
    const timeout = duration * renewedWithin
    this.#lease = await write(this.#kubectl, { name, holder, duration, version, timeout })
  }
}

/** A lock as it was had, asked for at `since`. */
type Had = { lease: Lease; since: number; interrupted: string | null }

const write = async (
  kubectl: Kubectl,
  { name, holder, duration, version, timeout }: LeaseContent,
): Promise<Lease> => {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...(version === '' ? {} : { resourceVersion: version }) },
    spec: { holderIdentity: holder, leaseDurationSeconds: duration, renewTime: microTime() },
  }
  const how = version === '' ? 'create' : 'replace'
  const args = [how, '--filename', '-', '--output', 'json']
  // One that hangs is not waited for: it would keep the next one from being tried.
  return JSON.parse(await kubectl.call(args, { input: lease, timeout, grace: 0 })) as Lease
}

type LeaseContent = {
  name: string
  holder: string
  duration: number
  version: string
  /** Seconds that writing it may take. */
  timeout: number
}
