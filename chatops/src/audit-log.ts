import { type FileHandle, open } from 'node:fs/promises'

/** A decision of the bot: who asked for what, where, and what became of it. */
export type AuditEntry = {
  user: string
  room: string
  command: string
  decision: 'refused' | 'confirmation' | 'done' | 'failed'
  /** Why, or what was started. */
  detail: string
}

export type AuditLog = AsyncDisposable & {
  /** Resolves when the line is on disk. */
  write: (entry: AuditEntry) => Promise<void>
}

/** Opens the file to which each decision is added as one line of JSON, never to be changed again. */
export const openAuditLog = async (path: string): Promise<AuditLog> => {
  const file: FileHandle = await open(path, 'a', 0o600)
  return {
    write: async (entry) => {
      await file.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`)
      await file.sync()
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}
