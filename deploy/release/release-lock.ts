import { ConflictError, type Kubectl } from './kubectl.ts'
import { pause } from './pause.ts'

/** A Lease of `coordination.k8s.io`, as far as it matters here. */
type Lease = {
  metadata: { name: string; resourceVersion?: string }
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
  signal: AbortSignal
  /** Called once for each holder that is waited for. */
  onWait: (holder: string) => void
}

const nameOf = (service: string): string => `release-${service}`

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
  readonly #kubectl: Kubectl
  readonly #options: LockOptions
  readonly #lost = new AbortController()
  #lease: Lease
  #renewed = performance.now()
  #renewing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  private constructor(kubectl: Kubectl, options: LockOptions, lease: Lease) {
    this.#kubectl = kubectl
    this.#options = options
    this.#lease = lease
    this.#timer = setInterval(
      () => {
        this.#renewing = this.#renewing.then(() => this.#renew())
      },
      (options.duration * 1_000) / 3,
    )
  }

  /** Aborted with LockLostError once it cannot be relied on. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /**
   * @throws LockedError when another holder keeps it for longer than `patience`; the signal's reason;
   * CommandError
   */
  static async acquire(kubectl: Kubectl, options: LockOptions): Promise<ReleaseLock> {
    const { duration, patience, signal, onWait, holder } = options
    const name = nameOf(options.service)
    const begun = performance.now()
    const seen = { version: '', since: 0, holder: '' }
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
          const lease = await write(kubectl, { name, holder, duration, version })
          return new ReleaseLock(kubectl, options, lease)
        } catch (error) {
          // Somebody was faster.
          if (!(error instanceof ConflictError)) throw error
        }
      } else {
        if (seen.holder !== other) onWait(other)
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
    if (this.#lost.signal.aborted) return
    await this.#write('').catch(() => undefined)
  }

  async #renew(): Promise<void> {
    if (this.#lost.signal.aborted) return
    try {
      await this.#write(this.#options.holder)
      this.#renewed = performance.now()
    } catch (error) {
      const age = (performance.now() - this.#renewed) / 1_000
      // Given up a while before others may take it.
      if (!(error instanceof ConflictError) && age < (this.#options.duration * 2) / 3) return
      clearInterval(this.#timer)
      this.#lost.abort(new LockLostError('the lock was lost, another run may have it'))
    }
  }

  async #write(holder: string): Promise<void> {
    const { duration } = this.#options
    const { name, resourceVersion: version = '' } = this.#lease.metadata
    this.#lease = await write(this.#kubectl, { name, holder, duration, version })
  }
}

const write = async (
  kubectl: Kubectl,
  { name, holder, duration, version }: LeaseContent,
): Promise<Lease> => {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...(version === '' ? {} : { resourceVersion: version }) },
    spec: { holderIdentity: holder, leaseDurationSeconds: duration, renewTime: microTime() },
  }
  const how = version === '' ? 'create' : 'replace'
  const args = [how, '--filename', '-', '--output', 'json']
  return JSON.parse(await kubectl.call(args, { input: lease, timeout: 10 })) as Lease
}

type LeaseContent = { name: string; holder: string; duration: number; version: string }
