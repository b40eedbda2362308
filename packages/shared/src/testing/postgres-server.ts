/** A PostgreSQL server that one test run uses. */
export type PostgresServer = {
  /** Of the database and superuser `postgres`. */
  url: string
  /** Ends the server and throws its data away. */
  stop: () => Promise<void>
}

/** Arguments of `postgres`: enough connections for every suite, and no care for lasting data. */
export const serverSettings = ['-c', 'fsync=off', '-c', 'max_connections=300']
