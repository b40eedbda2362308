/** What a list of a call's cargo is of. */
export const cargoLists = ['LOAD', 'DISCHARGE'] as const
export type CargoList = (typeof cargoLists)[number]

/** Whether a list is finished: all of it is done, and there is something in it. */
export const isFinished = ({ total, done }: { total: number; done: number | null }): boolean =>
  done !== null && total > 0 && done >= total
