import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

type Told = { event: string; message: string; [detail: string]: unknown }

export type Ended = {
  code: number | null
  /** The lines of JSON. */
  told: Told[]
  /** What people read. */
  text: string
}

export type Started = {
  ended: Promise<Ended>
  kill: (signal: NodeJS.Signals) => void
  /** Resolves when a line for people holds `part`. */
  says: (part: string) => Promise<void>
}

const program = fileURLToPath(new URL('../cli.ts', import.meta.url))

/** Starts the release command as a process of its own. */
export const startRelease = (args: readonly string[], env: Record<string, string>): Started => {
  const child = spawn(process.execPath, [program, ...args, '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  const waiting = new Map<string, () => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
      for (const [part, resolve] of waiting) if (output.stderr.includes(part)) resolve()
    })
  }
  return {
    ended: new Promise((resolve) => {
      child.once('close', (code) => {
        const lines = output.stdout.split('\n').filter((line) => line.startsWith('{'))
        const told = lines.map((line) => JSON.parse(line) as Told)
        resolve({ code, told, text: output.stderr })
      })
    }),
    kill: (signal) => void child.kill(signal),
    says: (part) =>
      new Promise((resolve) => {
        if (output.stderr.includes(part)) resolve()
        else waiting.set(part, resolve)
      }),
  }
}
