const unavailableCodes = new Set([
  // Node: no connection.
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  // PostgreSQL: shutting down, starting, out of connections, recovering (Appendix A, classes 08, 53, 57).
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  // PostgreSQL: the password, or the user, is not accepted (class 28).
  '28000',
  '28P01',
  // PostgreSQL: given up for another transaction's sake, or for having waited or run too long.
  '40001',
  '40P01',
  '55P03',
  '57014',
  // Prisma: the password is not accepted.
  'P1000',
  // Prisma: server not reached, timed out, connection closed, no connection free, transaction not started.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  // Prisma: given up for another transaction's sake.
  'P2034',
])

const unavailableMessage =
  /timeout exceeded when trying to connect|connection terminated|is not queryable|terminating connection|DatabaseNotReachable|Can't reach database|ConnectionClosed/i

/** Prisma's error for a query in SQL, with PostgreSQL's own code within. */
type RawQueryFailure = Error & {
  code?: unknown
  meta?: { driverAdapterError?: { cause?: { originalCode?: string } } }
}

/** Whether an error, or what caused it, says that the database cannot do its work for now. */
export const isDatabaseUnavailable = (error: unknown): boolean => {
  for (
    let each = error, depth = 0;
    each instanceof Error && depth < 5;
    each = each.cause, depth++
  ) {
    const { code, meta }: RawQueryFailure = each
    const codes = [code, meta?.driverAdapterError?.cause?.originalCode]
    if (codes.some((known) => unavailableCodes.has(String(known)))) return true
    if (unavailableMessage.test(each.message)) return true
  }
  return false
}
