/** How an action changes a resource's state. */
export type Transition<S extends string = string> = {
  from: readonly S[]
  to: S
  /** What is done, for the documents. */
  meaning: string
  /** Codes of the conditions that must all be met. */
  conditions?: readonly string[]
}

type Declared<S extends string, A extends string> = {
  /** What has these states, in the singular: `port call`. */
  of: string
  /** Every state and what it means, the first one being where a resource begins. */
  states: Readonly<Record<S, string>>
  actions: Readonly<Record<A, Transition<S>>>
}

/** A resource's states and the actions that lead from one to another: the one table of both. */
export type Lifecycle<S extends string = string, A extends string = string> = Declared<S, A> & {
  stateNames: readonly S[]
  actionNames: readonly A[]
  /** The state an action leads to, or null when the present state does not allow it. */
  nextState(this: void, state: S, action: A): S | null
  /** Whether no action leads on from a state. */
  hasEnded(this: void, state: S): boolean
}

/** Declares a resource's states and actions; `docs/states.md` is generated from the tables. */
export const defineLifecycle = <const S extends string, const A extends string>(
  declared: Declared<S, A>,
): Lifecycle<S, A> => {
  const actionNames = Object.keys(declared.actions) as A[]
  const nextState = (state: S, action: A): S | null => {
    const { from, to } = declared.actions[action]
    return from.includes(state) ? to : null
  }
  return {
    ...declared,
    stateNames: Object.keys(declared.states) as S[],
    actionNames,
    nextState,
    hasEnded: (state) => actionNames.every((action) => nextState(state, action) === null),
  }
}

/** Conditions by their stable code, each with what it asks for. */
export type Conditions<C extends string = string> = Readonly<Record<C, string>>

/**
 * Declares the conditions that something is refused for: a refusal names each that is not met by its
 * code, in `errors[].code`. `docs/states.md` is generated from the tables.
 */
export const defineConditions = <const C extends string>(table: Conditions<C>): Conditions<C> =>
  table
