import { readFileSync, type Stats, statSync } from 'node:fs'

/** Files are looked at no more often than this, in milliseconds. */
const lookInterval = 1_000

/** A file that was written less than this ago, in milliseconds, may be half written. */
const settleTime = 500

type WatchedFilesOptions<T> = {
  /** Makes a value of the files' texts, in the order of their paths; throws when it cannot. */
  parse: (texts: readonly string[]) => T
  /** Told of files that cannot be read or used after the start. */
  onFault: (error: unknown) => void
}

/**
 * What some files say together, read again when one has changed: by its time, size and inode, so that
 * files that are replaced through a symbolic link, as Kubernetes does, are noticed too. What is being
 * written is left for the next look. While a file is broken or gone the value stays as it was, and
 * another attempt is made at each look.
 */
export class WatchedFiles<T> {
  readonly #paths: readonly string[]
  readonly #options: WatchedFilesOptions<T>
  #value: T
  /** The state of the files that the value was made of. */
  #adopted: string
  /** The state of the files that a fault was told of. */
  #faulty: string | null = null
  #lookedAt = performance.now()

  /** @throws when the files cannot be read or used at the start */
  constructor(paths: readonly string[], options: WatchedFilesOptions<T>) {
    this.#paths = paths
    this.#options = options
    this.#adopted = stateOf(this.#files())
    this.#value = options.parse(this.#texts())
  }

  current(): T {
    const now = performance.now()
    if (now - this.#lookedAt >= lookInterval) {
      this.#lookedAt = now
      this.#look()
    }
    return this.#value
  }

  #look(): void {
    let state = ''
    try {
      const files = this.#files()
      state = stateOf(files)
      if (state !== this.#adopted) {
        if (files.some(isBeingWritten)) return
        const texts = this.#texts()
        // Replaced while they were read: old and new may be mixed, the next look tells.
        if (stateOf(this.#files()) !== state) return
        this.#value = this.#options.parse(texts)
        this.#adopted = state
      }
      this.#faulty = null
    } catch (error) {
      // Told once for each state that the files are in, not at every look.
      if (state !== this.#faulty) this.#options.onFault(error)
      this.#faulty = state
    }
  }

  #texts(): string[] {
    return this.#paths.map((path) => readFileSync(path, 'utf8'))
  }

  #files(): Stats[] {
    return this.#paths.map((path) => statSync(path))
  }
}

const stateOf = (files: readonly Stats[]): string =>
  files.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join('\n')

/** A time in the future is a clock that was set back, and tells nothing. */
const isBeingWritten = ({ mtimeMs }: Stats): boolean => {
  const age = Date.now() - mtimeMs
  return age >= 0 && age < settleTime
}

/** What one file says. */
export class WatchedFile<T> extends WatchedFiles<T> {
  /** @throws when the file cannot be read or used at the start */
  constructor(
    path: string,
    { parse, onFault }: { parse: (text: string) => T; onFault: (error: unknown) => void },
  ) {
    super([path], { parse: ([text = '']) => parse(text), onFault })
  }
}
