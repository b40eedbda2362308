import type { Sql } from '@porttrack/shared/database/transaction'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import type { ContainerVisit, Position } from '../container-visits/container-visit.schema.ts'
import { isSetDown } from '../yard/place.store.ts'
import { segregationFault } from '../yard/yard.ts'
import { checkVisit, type SegregationDistances } from './segregation.store.ts'

/**
 * What dangerous goods say against the slot of the yard that a container is to be set down in. Too near
 * is a fault, unless it is overridden; what must be looked up is a warning and keeps nothing from it.
 * Whoever asks holds the block, so that two who set down neighbours at once see each other.
 */
export const objectionsToSetDown = async (
  sql: Sql,
  visit: ContainerVisit,
  given: { position: Position | null; distances: SegregationDistances; isOverridden: boolean },
): Promise<{ faults: Fault[]; warnings: Text[] }> => {
  const { position, distances, isOverridden } = given
  if (!isSetDown(visit.position, position)) return { faults: [], warnings: [] }
  const { conflicts } = await checkVisit(sql, visit, { position, distances })
  const open = conflicts.filter(({ confirmed }) => !confirmed)
  const tooNear = open.filter(({ level }) => level !== 'CONSULT')
  const refused = isOverridden ? [] : tooNear
  return {
    faults: refused.map(({ detail }) => segregationFault(detail)),
    warnings: open.filter((each) => !refused.includes(each)).map(({ detail }) => detail),
  }
}
