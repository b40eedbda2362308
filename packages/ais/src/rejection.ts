interface RejectionKind {
  /** True when the line is simply not for this decoder: to be counted, not reported. */
  readonly ignored: boolean
  readonly text: string
}

const kinds = {
  empty: { ignored: true, text: 'the line is blank' },
  'not-ais': { ignored: true, text: 'a sentence of another kind than VDM and VDO, or a comment' },
  'line-too-long': { ignored: false, text: 'the line is longer than the limit' },
  malformed: { ignored: false, text: 'not laid out as an NMEA 0183 sentence' },
  'bad-tag-block': {
    ignored: false,
    text: 'the TAG block is not closed, fails its checksum or has an impossible time',
  },
  'missing-checksum': { ignored: false, text: 'no * and checksum after the last field' },
  'bad-checksum': { ignored: false, text: 'the checksum does not match the sentence' },
  'bad-fragment-count': {
    ignored: false,
    text: 'the fragment is not number 1 to 9 of a total of 1 to 9',
  },
  'empty-payload': { ignored: false, text: 'the payload field is empty' },
  'bad-fill-bits': {
    ignored: false,
    text: 'fill bits are not 0 to 5, or are on a fragment that is not the last',
  },
  'bad-armour': { ignored: false, text: 'the payload has a character outside six-bit armour' },
  'incomplete-message': {
    ignored: false,
    text: 'the other fragments of the message did not come',
  },
  'too-many-pending': {
    ignored: false,
    text: 'dropped to make room: too many incomplete messages at once',
  },
  'oversized-message': {
    ignored: false,
    text: 'the fragments together are longer than any AIS message',
  },
  'unsupported-type': { ignored: false, text: 'a message type that is not decoded' },
  'unsupported-part': { ignored: false, text: 'a type 24 message that is neither part A nor B' },
  'bad-length': { ignored: false, text: 'a number of bits that the message type cannot have' },
  'bad-mmsi': { ignored: false, text: 'the MMSI has more than nine digits' },
} as const satisfies Record<string, RejectionKind>

/** Stable codes: they are printed, counted and used as metric labels. */
export type RejectionReason = keyof typeof kinds

/** Every reason, with its wording and whether it is merely ignored. */
export const rejectionKinds: Readonly<Record<RejectionReason, RejectionKind>> = kinds

/** A line, or a message gathered from several, that yields nothing. */
export interface Rejection {
  readonly ok: false
  readonly reason: RejectionReason
  /** 1-based; of the first fragment received when the message has several. 0 when unknown. */
  readonly lineNumber: number
}

export function reject(reason: RejectionReason, lineNumber: number): Rejection {
  return { ok: false, reason, lineNumber }
}
