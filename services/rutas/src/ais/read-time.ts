import { isDateTime } from '@porttrack/shared/http/formats'

/** Milliseconds since 1970 of an RFC 3339 time from 1970 on; null for what is none. */
export const readTime = (text: string): number | null => {
  const time = isDateTime(text) ? Date.parse(text.toUpperCase()) : -1
  return time >= 0 ? time : null
}
