import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { v7 as uuidv7 } from 'uuid'
import type { Client, GangTemplateRow, PersonalDatabase } from '../database.ts'
import { gangTemplateErrors } from './gang-template.ts'
import type { GangTemplate, GangTemplateQuery, NewGangTemplate } from './gang-template.schema.ts'

type GangTemplateStoreOptions = { database: PersonalDatabase; cursors: Cursors }

/** Which template is changed, and the version the change is meant for. */
type Change = { id: string; version: number | '*' }

/** Where two templates must differ. */
const uniqueKeys: ReadonlySet<string> = new Set([
  'gang_template_name_key',
  'gang_template_serves_key',
])

/** Gang templates: rows in, `GangTemplate` out. */
export const gangTemplateStore = ({ database, cursors }: GangTemplateStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: (id: string): Promise<GangTemplate> => requireTemplate(database.client, id),

  /** One page of the templates that a query names, by name. */
  list: async (query: GangTemplateQuery): Promise<Page<GangTemplate>> => {
    const keys = [{ field: 'name' as const, descending: false }]
    const { orderBy, where } = keysetOf(keys, cursors.read('gang-templates', query))
    const { kindOfWork, limit = 50 } = query
    const found = await database.client.gangTemplate.findMany({
      where: { AND: [kindOfWork === undefined ? {} : { kindOfWork }, where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('gang-templates', query, { found, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(templateOf) }
  },

  /** @throws ProblemError 409 when the name is taken, or another serves the same orders */
  create: async (
    { tx }: Unit<Client>,
    { caller, given }: { caller: Caller; given: NewGangTemplate },
  ): Promise<GangTemplate> => {
    const row = { id: uuidv7(), createdBy: caller.subject, ...columnsOf(given) }
    const { count } = await tx.gangTemplate.createMany({ data: [row], skipDuplicates: true })
    if (count === 0) throw new ProblemError(gangTemplateErrors.GANG_TEMPLATE_EXISTS)
    return requireTemplate(tx, row.id)
  },

  /**
   * Replaces a template. Shifts that were made of it stay as they are.
   *
   * @throws ProblemError 404, 412, 409 when the name is taken, or another serves the same orders
   */
  replace: async (
    unit: Unit<Client>,
    { given, ...change }: Change & { given: NewGangTemplate },
  ): Promise<GangTemplate> => {
    await lockTemplate(unit, change)
    const row = await unit.tx.gangTemplate
      .update({
        where: { id: change.id },
        data: { ...columnsOf(given), version: { increment: 1 }, updatedAt: new Date() },
      })
      .catch((error: unknown) => {
        throw uniqueKeys.has(violatedConstraint(error) ?? '')
          ? new ProblemError(gangTemplateErrors.GANG_TEMPLATE_EXISTS)
          : error
      })
    return templateOf(row)
  },

  /** @throws ProblemError 404, 412, 409 while something refers to it */
  remove: async (unit: Unit<Client>, change: Change): Promise<void> => {
    await lockTemplate(unit, change)
    await unit.tx.gangTemplate.delete({ where: { id: change.id } }).catch((error: unknown) => {
      throw violatedConstraint(error)?.endsWith('gang_template_id_fkey')
        ? new ProblemError(gangTemplateErrors.GANG_TEMPLATE_IN_USE)
        : error
    })
  },
})

export type GangTemplateStore = ReturnType<typeof gangTemplateStore>

/** @throws ProblemError 404 */
const requireTemplate = async (client: Client, id: string): Promise<GangTemplate> => {
  const row = await client.gangTemplate.findUnique({ where: { id } })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return templateOf(row)
}

/** @throws ProblemError 404, 412 */
const lockTemplate = async ({ tx, sql }: Unit<Client>, { id, version }: Change): Promise<void> => {
  await sql('SELECT 1 FROM gang_template WHERE id = $1::uuid FOR UPDATE', [id])
  assertVersion(version, (await requireTemplate(tx, id)).version)
}

/** @throws ProblemError 400 for a port of no country */
const columnsOf = ({ name, kindOfWork, positions, serves }: NewGangTemplate) => {
  const fault = serves?.UNLocationCode ? unLocationCodeFault(serves.UNLocationCode) : null
  if (fault) {
    throw new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: [{ pointer: '#/serves/UNLocationCode', detail: fault }],
    })
  }
  return {
    name,
    kindOfWork,
    servesService: serves?.portCallServiceTypeCode ?? null,
    servesLocation: serves?.UNLocationCode ?? null,
    servesLeadMinutes: serves?.leadMinutes ?? null,
    servesDurationMinutes: serves?.durationMinutes ?? null,
    positions: positions.map(({ role, skills = [], certificates = [] }) => ({
      role,
      skills,
      certificates,
    })),
  }
}

const servesOf = (row: GangTemplateRow): GangTemplate['serves'] => {
  const { servesService, servesLocation, servesLeadMinutes, servesDurationMinutes } = row
  if (servesService === null || servesLeadMinutes === null || servesDurationMinutes === null) {
    return null
  }
  return {
    portCallServiceTypeCode: servesService,
    ...(servesLocation === null ? {} : { UNLocationCode: servesLocation }),
    leadMinutes: servesLeadMinutes,
    durationMinutes: servesDurationMinutes,
  }
}

/** A gang template as it is given out. */
export const templateOf = (row: GangTemplateRow): GangTemplate => ({
  id: row.id,
  name: row.name,
  kindOfWork: row.kindOfWork,
  serves: servesOf(row),
  positions: row.positions as GangTemplate['positions'],
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})
