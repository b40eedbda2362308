import type { Kind } from './slack-message.ts'

export type ReleaseEvent = { event: string; message: string }

/** An event of the release command's log, or null for another line. */
export const eventOf = (line: string): ReleaseEvent | null => {
  if (!line.startsWith('{')) return null
  try {
    const { event, message } = JSON.parse(line) as Record<string, unknown>
    return typeof event === 'string' && typeof message === 'string' ? { event, message } : null
  } catch {
    return null
  }
}

/** The events that people are told of, each as its kind of message. */
export const toldAs: Readonly<Record<string, Kind | undefined>> = {
  started: 'step',
  step: 'step',
  promoted: 'step',
  released: 'promoted',
  'rolling-back': 'step',
  'rolled-back': 'rolled-back',
  trouble: 'release-failed',
  refused: 'release-failed',
}
