import type { Source } from '../reporter.ts'
import type { EventType } from './port-call-matrix.ts'

/** A beginning or an end of something that may happen more than once, as someone has told it. */
export type Told = {
  /** Milliseconds since 1970. */
  time: number
  ends: boolean
  /** Whoever is about to tell it is believed. */
  source?: Source
}

/**
 * When something ends that happens once more later, in order, milliseconds since 1970: at each end that
 * is directly followed by a beginning. What AIS saw between a beginning and an end that others tell of
 * says nothing, as when it lost a ship from sight.
 */
export const endsOfOccurrences = (told: readonly Told[]): number[] => {
  const believed = inOrder(told.filter(({ source }) => source !== 'AIS'))
  const spans = believed.flatMap((each, index) => {
    const next = believed[index + 1]
    return !each.ends && next?.ends ? [{ from: each.time, to: next.time }] : []
  })
  const counting = told.filter(
    ({ source, time }) =>
      source !== 'AIS' || !spans.some(({ from, to }) => from < time && time < to),
  )
  return inOrder(counting).flatMap(({ time, ends }, index, all) => {
    const next = all[index + 1]
    return ends && next && !next.ends ? [time] : []
  })
}

/** By time; at one moment the one ends before the other begins. */
const inOrder = (told: readonly Told[]): Told[] =>
  told.toSorted((a, b) => a.time - b.time || Number(b.ends) - Number(a.ends))

type Happened = {
  /** RFC 3339. */
  serviceDateTime: string
  portCallServiceEventTypeCode: EventType
}

/**
 * Which of the occurrences between `ends` something belongs to: 0 is the first. What begins at the very
 * moment of an end belongs to what follows.
 */
export const occurrenceOf = (
  ends: readonly number[],
  { serviceDateTime, portCallServiceEventTypeCode: event }: Happened,
): number => {
  const time = Date.parse(serviceDateTime)
  const begins = event === 'ARRI' || event === 'STRT'
  return ends.filter((end) => end < time || (begins && end === time)).length
}
