import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'

/**
 * How every service opens its Prisma client: over the kit's pool, and with short errors, since the
 * longer formats quote the arguments of a failed query, which would end in the log.
 */
export const prismaOptions = (pool: pg.Pool) =>
  ({ adapter: new PrismaPg(pool), errorFormat: 'minimal' }) as const
