type Failure = Error & {
  /** node-postgres. */
  constraint?: string
  /** Prisma with a driver adapter. */
  meta?: {
    driverAdapterError?: {
      cause?: { originalMessage?: string; constraint?: { index?: string } }
    }
  }
}

/**
 * Name of the constraint or unique index that a statement ran into, from an error of Prisma or of
 * node-postgres; null when it failed for another reason.
 */
export const violatedConstraint = (error: unknown): string | null => {
  if (!(error instanceof Error)) return null
  const { constraint, meta, cause }: Failure = error
  const adapter = meta?.driverAdapterError?.cause
  const named = /constraint "([^"]+)"/.exec(adapter?.originalMessage ?? '')?.[1]
  return constraint ?? adapter?.constraint?.index ?? named ?? violatedConstraint(cause)
}
