import { spawn } from 'node:child_process'

/**
 * Runs one of PostgreSQL's programs on the database of a URL, and waits for its end. User and password
 * go by environment: arguments of a process are seen by everybody on the machine.
 *
 * @throws when the program is not there or fails, with what it said
 */
export const runTool = async (program: string, url: string, args: string[]): Promise<void> => {
  const child = spawn(program, args, {
    env: { ...process.env, ...environmentOf(url) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') return reject(error)
      reject(new Error(`${program} is not installed; Debian has it in postgresql-client`))
    })
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1))
  })
  let said = ''
  const listening = (async () => {
    for await (const chunk of child.stderr.setEncoding('utf8')) said = (said + chunk).slice(-4_000)
  })()
  const [how] = await Promise.all([ended, listening])
  if (how !== 0) throw new Error(`${program} ended with ${how}: ${said.trim()}`)
}

/** What PostgreSQL's programs read in place of a URL. */
const environmentOf = (url: string): Record<string, string> => {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const mode = searchParams.get('sslmode')
  const authorities = searchParams.get('sslrootcert')
  return {
    // IPv6 stands in brackets in a URL alone.
    PGHOST: hostname.replace(/^\[(.*)\]$/, '$1'),
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGCONNECT_TIMEOUT: '10',
    ...(mode === null ? {} : { PGSSLMODE: mode }),
    ...(authorities === null ? {} : { PGSSLROOTCERT: authorities }),
  }
}
