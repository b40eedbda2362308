import type { VesselIdentity } from './vessel.ts'

/** What is kept of a ship when it changes: each former value, from when to when. */
export const recordedProperties = ['name', 'flag', 'callSign', 'MMSINumber', 'state'] as const
export type RecordedProperty = (typeof recordedProperties)[number]

/** The recorded properties of a ship at one time; null is unknown. */
export type Recorded = Readonly<Record<RecordedProperty, string | null>>

/** What a ship's records say at present, or would after a change. */
export const recordedOf = (
  vessel: Pick<VesselIdentity, 'MMSINumber' | 'callSign' | 'flag'> & {
    name: string
    state: string
  },
): Recorded => ({
  name: vessel.name,
  flag: vessel.flag,
  callSign: vessel.callSign,
  MMSINumber: vessel.MMSINumber,
  state: vessel.state,
})

/** Which recorded properties differ between two times. */
export const changedProperties = (before: Recorded | null, after: Recorded): RecordedProperty[] =>
  recordedProperties.filter((property) => (before?.[property] ?? null) !== after[property])
