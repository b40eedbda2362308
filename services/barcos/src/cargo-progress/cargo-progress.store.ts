import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { knowledgeOf } from '@porttrack/shared/events/knowledge'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { BarcosDatabase, CargoProgressRow, Client } from '../database.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import { keepNews } from '../port-calls/port-call-news.store.ts'
import { isParty, type Visibility } from '../port-calls/visibility.ts'
import { type CargoList, isFinished } from './cargo-progress.ts'
import type { CargoProgress } from './cargo-progress.schema.ts'

/** How far the cargo of port calls is: rows in, `CargoProgress` out. */
export const cargoProgressStore = ({ database }: { database: BarcosDatabase }) => ({
  /**
   * How far each list of a call is. Cargo is for the parties of the call, not for those who serve it.
   *
   * @throws ProblemError 404, also for a call whose cargo the caller may not know of
   */
  find: async (portCallId: string, visibility: Visibility): Promise<CargoProgress> => {
    const call = await requireCall(database.client, portCallId, visibility)
    if (!isParty(visibility, call)) throw new ProblemError(kitErrors.NOT_FOUND)
    // What is read later is no older than it is said to be.
    const knowledge = await knowledgeOf(database.sql, 'carga')
    const rows = await database.client.cargoProgress.findMany({
      where: { portCallId: call.id },
      // The load list first.
      orderBy: { list: 'desc' },
    })
    return { portCallId: call.id, lists: rows.map(listOf), knowledge }
  },
})

export type CargoProgressStore = ReturnType<typeof cargoProgressStore>

/** Of which list something was told, and when. */
type Told = { portCallId: string; list: CargoList; at: Date }

/** Moves by what is moved, as carga forecasts them. */
type Sizes = Pick<CargoProgressRow, 'total'> & {
  [size in 'size20' | 'size40' | 'size45' | 'laden' | 'reefers']: number
}

/**
 * Keeps how many moves a list has, unless something later is known already. How many of them are done
 * is unknown from then on, where their number has changed, until carga tells it.
 */
export const keepForecast = async (
  { tx }: Unit<Client>,
  told: Told,
  sizes: Sizes,
): Promise<void> => {
  const { where, present } = await presentOf(tx, told)
  if (present?.forecastAt && present.forecastAt > told.at) return
  const columns = { ...sizes, forecastAt: told.at }
  if (present === null) {
    await tx.cargoProgress.create({ data: { ...where.portCallId_list, ...columns } })
    return
  }
  // Progress that was told after this forecast has the number of moves already.
  const isOlder = present.progressedAt !== null && present.progressedAt > told.at
  const { total, ...parts } = columns
  const isChanged = present.total !== total
  await tx.cargoProgress.update({
    where,
    data: isOlder ? parts : { ...columns, ...(isChanged ? { done: null } : {}) },
  })
}

/** Keeps how far a list is, unless something later is known already. */
export const keepProgress = async (
  unit: Unit<Client>,
  told: Told,
  { total, done }: { total: number; done: number },
): Promise<void> => {
  const { tx } = unit
  const { where, present } = await presentOf(tx, told)
  if (present?.progressedAt && present.progressedAt > told.at) return
  const wasFinished = (present?.finishedAt ?? null) !== null
  const finished = isFinished({ total, done })
  const columns = {
    total,
    done,
    progressedAt: told.at,
    ...(finished === wasFinished ? {} : { finishedAt: finished ? told.at : null }),
  }
  await tx.cargoProgress.upsert({
    where,
    create: { ...where.portCallId_list, ...columns },
    update: columns,
  })
  if (finished !== wasFinished) await tell(unit, told, finished ? 'complete' : 'reopen')
}

/** Keeps that a list is done, unless progress that was told later says how far it is. */
export const keepCompletion = async (
  unit: Unit<Client>,
  told: Told,
  total: number,
): Promise<void> => {
  const { tx } = unit
  const { where, present } = await presentOf(tx, told)
  if (present?.progressedAt && present.progressedAt > told.at) return
  if (present?.finishedAt) return
  const columns = { total, done: total, finishedAt: told.at }
  await tx.cargoProgress.upsert({
    where,
    create: { ...where.portCallId_list, ...columns },
    update: columns,
  })
  await tell(unit, told, 'complete')
}

const presentOf = async (tx: Client, { portCallId, list }: Told) => {
  const where = { portCallId_list: { portCallId: portCallId.toLowerCase(), list } }
  return { where, present: await tx.cargoProgress.findUnique({ where }) }
}

const tell = (unit: Unit<Client>, { portCallId, list, at }: Told, action: 'complete' | 'reopen') =>
  keepNews(unit, {
    portCallId: portCallId.toLowerCase(),
    kind: 'CARGO',
    action,
    about: list,
    toldBy: 'carga',
    happenedAt: at,
  })

const listOf = (row: CargoProgressRow): CargoProgress['lists'][number] => ({
  list: row.list as CargoList,
  total: row.total,
  done: row.done,
  size20: row.size20,
  size40: row.size40,
  size45: row.size45,
  laden: row.laden,
  reefers: row.reefers,
  finishedAt: row.finishedAt?.toISOString() ?? null,
  toldAt: toldAt(row)?.toISOString() ?? null,
})

const toldAt = ({ forecastAt, progressedAt, finishedAt }: CargoProgressRow): Date | null =>
  [forecastAt, progressedAt, finishedAt].reduce(
    (latest, at) => (at !== null && (latest === null || at > latest) ? at : latest),
    null,
  )
