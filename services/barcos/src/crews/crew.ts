/** How far a shift is, as personal tells it; each state comes after those before it and takes their place. */
export const crewShiftStates = ['PUBLISHED', 'RUNNING', 'CLOSED', 'CANCELLED'] as const
export type CrewShiftState = (typeof crewShiftStates)[number]

/** Whether every position of a shift that takes place has someone; null where their number is unknown. */
export const isComplete = ({
  state,
  required,
  filled,
}: {
  state: CrewShiftState
  required: number | null
  filled: number
}): boolean | null => {
  if (state === 'CANCELLED') return false
  return required === null ? null : filled >= required
}
