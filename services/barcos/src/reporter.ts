import type { Caller } from '@porttrack/shared/auth/caller'

/** Where a decision or a timestamp comes from, the least believed first. */
export const sources = ['AIS', 'SYSTEM', 'PERSON'] as const
export type Source = (typeof sources)[number]

/** Who says something: a person who signed in, or another organisation's system. */
export type Reporter = { source: Exclude<Source, 'AIS'>; subject: string }

export const reporterOf = ({ kind, subject }: Caller): Reporter => ({
  source: kind === 'user' ? 'PERSON' : 'SYSTEM',
  subject,
})
