import { CommandError, run } from './command.ts'

/** Another program changed the object first. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
}

type CallOptions = { input?: object; signal?: AbortSignal; timeout?: number; grace?: number }

/** kubectl in one namespace, of the context that it is set to. */
export class Kubectl {
  readonly namespace: string

  constructor(namespace: string) {
    this.namespace = namespace
  }

  /** @throws CommandError, ConflictError */
  async call(args: readonly string[], { input, ...options }: CallOptions = {}): Promise<string> {
    try {
      return await run('kubectl', [...args, '--namespace', this.namespace], {
        ...options,
        ...(input === undefined ? {} : { input: JSON.stringify(input) }),
      })
    } catch (error) {
      if (error instanceof CommandError && /\((?:AlreadyExists|Conflict)\)/.test(error.said)) {
        throw new ConflictError(error.message, { cause: error })
      }
      throw error
    }
  }

  /**
   * An object, or null where there is none.
   *
   * @throws CommandError
   */
  async get<T>(kind: string, name: string, signal?: AbortSignal): Promise<T | null> {
    const args = ['get', kind, name, '--ignore-not-found', '--output', 'json']
    const text = await this.call(args, signal ? { signal } : {})
    return text.trim() === '' ? null : (JSON.parse(text) as T)
  }

  /**
   * The objects with these labels.
   *
   * @throws CommandError
   */
  async list<T>(kind: string, labels: Readonly<Record<string, string>>): Promise<T[]> {
    const selector = Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(',')
    const text = await this.call(['get', kind, '--selector', selector, '--output', 'json'])
    return (JSON.parse(text) as { items: T[] }).items
  }

  /** Writes an object whole, whoever wrote it before. */
  async apply(object: object): Promise<void> {
    const how = ['--server-side', '--force-conflicts', '--field-manager', 'porttrack-release']
    await this.call(['apply', ...how, '--filename', '-'], { input: object })
  }

  /** Merges a change into an object. */
  async patch(target: { kind: string; name: string }, change: object): Promise<void> {
    const what = ['--type', 'merge', '--patch', JSON.stringify(change)]
    await this.call(['patch', target.kind, target.name, ...what])
  }
}
