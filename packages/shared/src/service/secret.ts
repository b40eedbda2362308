import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type TSchema, type TUnsafe, Type } from 'typebox'
import { Value } from 'typebox/value'
import { WatchedFile } from './watched-file.ts'

/** What stands in place of a secret wherever one is printed. */
const redacted = '[redacted]'

/**
 * A secret as it is at present: one from a file changes with it. Printed, logged or turned into JSON
 * it shows nothing of its value.
 */
export class Secret {
  readonly #read: () => string

  /** @param read gives the value at present */
  constructor(read: () => string) {
    this.#read = read
  }

  current(): string {
    return this.#read()
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [inspect.custom](): string {
    return redacted
  }
}

type SecretOptions = {
  description: string
  /** What its text must match, also when it changes. */
  pattern?: string
  /** Throws, without quoting it, when its text is not usable. */
  check?: (text: string) => void
}

/**
 * Declares a secret among the settings. It comes from the environment variable of its name, or from a
 * file of its name in the folder `SECRETS_DIR`, which is watched. It has no default.
 */
export const secretSetting = (options: SecretOptions): TUnsafe<Secret> =>
  Type.Unsafe<Secret>({ type: 'string', minLength: 1, secret: true, ...options })

export const isSecret = (schema: TSchema): boolean => 'secret' in schema

type OpenOptions = {
  schema: TSchema
  /** What the environment variable says. */
  variable: string | undefined
  /** Where its file would be. */
  folder: string
  /** Told of a file that cannot be used after the start; the value stays as it was. */
  onFault: (error: unknown) => void
}

/**
 * A secret by its variable or its file, null when it may be left out and is.
 *
 * @throws naming it, and never its value, when it is missing, given twice or not usable
 */
export const openSecret = (name: string, options: OpenOptions): Secret | null => {
  const { schema, variable = '', folder, onFault } = options
  const path = join(folder, name)
  const parse = (text: string): string => {
    const value = text.replace(/\r?\n$/, '')
    const [fault] = Value.Errors(schema, value)
    if (fault) throw new SecretFault(`${name} ${fault.message}`)
    try {
      ;(schema as SecretOptions).check?.(value)
    } catch (error) {
      throw new SecretFault(`${name} ${(error as Error).message}`)
    }
    return value
  }
  if (existsSync(path)) {
    if (variable !== '') throw new Error(`${name} is given twice, as a variable and by ${path}`)
    try {
      const file = new WatchedFile(path, { parse, onFault })
      return new Secret(() => file.current())
    } catch (error) {
      if (error instanceof SecretFault) throw error
      throw new Error(`${name} cannot be read: ${(error as Error).message}`, { cause: error })
    }
  }
  if (variable !== '') {
    const value = parse(variable)
    return new Secret(() => value)
  }
  if (Type.IsOptional(schema)) return null
  throw new Error(`${name} is missing, as a variable and as a file in ${folder}`)
}

class SecretFault extends Error {}

/** Keys separated by commas, each of at least 32 characters: the first makes, all of them read. */
export const keyListPattern = '^[^,]{32,}(?:,[^,]{32,})*$'

/** The keys of a list that matches `keyListPattern`. */
export const keysOf = (list: string): readonly [string, ...string[]] => {
  const [first = '', ...others] = list.split(',').map((key) => key.trim())
  return [first, ...others]
}

/** What `make` makes of a secret's value, made anew when the value has changed. */
export const derived = <T>(secret: Secret, make: (value: string) => T): (() => T) => {
  let value = secret.current()
  let made = make(value)
  return () => {
    const current = secret.current()
    if (current !== value) {
      made = make(current)
      value = current
    }
    return made
  }
}
