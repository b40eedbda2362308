import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'

/**
 * The JSON in a file of the state folder, or undefined when there is none.
 *
 * @throws an error that names the file when it holds anything but JSON
 */
export async function readStateFile<T>(file: string): Promise<T | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Error(`${file} is damaged: begin anew with --fresh`)
  }
}

/** Replaces the file in one step, readable by its owner alone: what lies there is secret. */
export async function writeStateFile(file: string, value: unknown): Promise<void> {
  const partial = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(partial, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
