import { readFileSync, statSync } from 'node:fs'

/** A file is looked at no more often than this, in milliseconds. */
const lookInterval = 1_000

type WatchedFileOptions<T> = {
  /** Makes a value of the file's text; throws when it is not usable. */
  parse: (text: string) => T
  /** Told of a file that cannot be read or used after the start. */
  onFault: (error: unknown) => void
}

/**
 * What a file says, read again when it has changed: by its time, size and inode, so that a file that
 * is replaced through a symbolic link, as Kubernetes does, is noticed too. One that is broken or gone
 * leaves the value as it was.
 */
export class WatchedFile<T> {
  readonly #path: string
  readonly #options: WatchedFileOptions<T>
  #value: T
  #seen: string
  #lookedAt = performance.now()

  /** @throws when the file cannot be read or used at the start */
  constructor(path: string, options: WatchedFileOptions<T>) {
    this.#path = path
    this.#options = options
    this.#seen = fingerprint(path)
    this.#value = options.parse(readFileSync(path, 'utf8'))
  }

  current(): T {
    const now = performance.now()
    if (now - this.#lookedAt < lookInterval) return this.#value
    this.#lookedAt = now
    let seen = ''
    try {
      seen = fingerprint(this.#path)
      if (seen !== this.#seen) this.#value = this.#options.parse(readFileSync(this.#path, 'utf8'))
    } catch (error) {
      // Told once for each state that the file is in, not at every look.
      if (seen !== this.#seen) this.#options.onFault(error)
    }
    this.#seen = seen
    return this.#value
  }
}

const fingerprint = (path: string): string => {
  const { mtimeMs, size, ino } = statSync(path)
  return `${mtimeMs} ${size} ${ino}`
}
