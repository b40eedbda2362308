/** What tells the berth stays of a call apart: its actual timestamps of BERTH. */
type Berthing = {
  portCallServiceTypeCode: string
  portCallServiceEventTypeCode: string
  classifierCode: string
  /** RFC 3339. */
  serviceDateTime: string
}

/**
 * When the berth stays of a call end that another one follows, in order, milliseconds since 1970: at
 * each berth departure that is directly followed by a berth arrival. Other timestamps than actual
 * ones of BERTH say nothing about it.
 */
export const endsOfStays = (timestamps: readonly Berthing[]): number[] => {
  const berthing = timestamps
    .filter((each) => each.portCallServiceTypeCode === 'BERTH' && each.classifierCode === 'ACT')
    .map((each) => ({
      time: Date.parse(each.serviceDateTime),
      departs: each.portCallServiceEventTypeCode === 'DEPA',
    }))
    // At one moment a ship leaves the one berth before it arrives at the other.
    .toSorted((a, b) => a.time - b.time || Number(b.departs) - Number(a.departs))
  return berthing.flatMap(({ time, departs }, index) => {
    const next = berthing[index + 1]
    return departs && next && !next.departs ? [time] : []
  })
}

/** Which of the berth stays between `ends` a time belongs to: 0 is the first. */
export const stayAt = (ends: readonly number[], time: number): number =>
  ends.filter((end) => end < time).length
