import { createHash } from 'node:crypto'

export interface Random {
  /** Evenly from `low` up to `high`. */
  between(low: number, high: number): number
  /** -1 to 1, mostly near 0. */
  around(): number
}

/** Chance that depends on nothing but the seed and what it is for. */
export function randomAt(seed: number, purpose: string): Random {
  const bytes = createHash('sha1').update(`${seed} ${purpose}`).digest()
  let used = 0
  const next = (): number => {
    const value = bytes.readUInt16BE(used % 20) / 0x1_0000
    used += 2
    return value
  }
  return {
    between: (low, high) => low + (high - low) * next(),
    around: () => next() + next() - 1,
  }
}
