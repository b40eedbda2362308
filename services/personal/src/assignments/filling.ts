/**
 * Gives each position someone of its own, or as many as can be: whoever stands earlier in a position's
 * list is preferred, and makes way where a position would stay empty (augmenting paths, Kuhn 1955).
 *
 * @param choices for each position who can take it, the best first
 * @returns for each position who takes it, null where nobody is left
 */
export const fillPositions = (choices: readonly (readonly string[])[]): (string | null)[] => {
  const taken = new Map<string, number>()
  const place = (position: number, asked: Set<string>): boolean =>
    (choices[position] ?? []).some((person) => {
      if (asked.has(person)) return false
      asked.add(person)
      const other = taken.get(person)
      if (other !== undefined && !place(other, asked)) return false
      taken.set(person, position)
      return true
    })
  // Whoever has least choice goes first.
  const order = choices.map((_, index) => index)
  order.sort((a, b) => (choices[a]?.length ?? 0) - (choices[b]?.length ?? 0))
  for (const position of order) place(position, new Set())
  const filled: (string | null)[] = choices.map(() => null)
  for (const [person, position] of taken) filled[position] = person
  return filled
}
