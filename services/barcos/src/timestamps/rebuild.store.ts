import type { Unit } from '@porttrack/shared/database/transaction'
import { inLanguage, type Language, type Text } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { BarcosDatabase, Client } from '../database.ts'
import type { DecisionStore } from '../port-calls/decision.store.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import { lockCall, requireCall } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { Reporter } from '../reporter.ts'
import {
  type CallHistory,
  contradictionsOf,
  historyOf,
  type HistoryStep,
  stepsNotTaken,
  takenAt,
} from './call-history.ts'
import type { Rebuild } from './rebuild.schema.ts'
import { timestampOf } from './timestamp.store.ts'

type RebuildStoreOptions = { database: BarcosDatabase; decisions: Pick<DecisionStore, 'retrace'> }

type Applying = { reporter: Reporter; reason: string | undefined; language: Language }

const defaultReason: Text = {
  en: 'Rebuilt from the timestamps',
  es: 'Reconstruido a partir de las marcas de tiempo',
}

/** What the raw timestamps of a call tell, beside what is recorded of it. */
export const rebuildStore = ({ database, decisions }: RebuildStoreOptions) => ({
  /** @throws ProblemError 404, also for a call that the caller may not know of */
  compare: (id: string, visibility: Visibility): Promise<Rebuild> =>
    compared(database.client, id, visibility),

  /**
   * Takes the steps that the timestamps tell of and nobody has taken, in order, each as a decision.
   * It ends at the first that the call's state or a condition refuses; what was taken before stays.
   * Once more it changes nothing.
   *
   * @throws ProblemError 404
   */
  apply: async (unit: Unit<Client>, id: string, by: Applying): Promise<Rebuild> => {
    const { tx, sql } = unit
    await lockCall(sql, id)
    const { history, steps, decided } = await toldAndDecided(tx, id, 'all')
    const applied: HistoryStep[] = []
    let refused: Rebuild['refused'] = null
    for (const step of stepsNotTaken({ steps }, decided)) {
      // A step that runs into a constraint is undone by itself, and those before it stay.
      await sql('SAVEPOINT rebuild_step')
      try {
        await decisions.retrace(unit, {
          id,
          action: step.action,
          version: '*',
          visibility: 'all',
          reporter: by.reporter,
          leftAt: leftAfter(step, history),
          body: {
            reason: by.reason ?? inLanguage(defaultReason, by.language),
            occurredAt: takenAt(step),
            ...(step.action === 'shift' ? { arrivedAt: step.occurredAt } : {}),
          },
        })
        applied.push(step)
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        await sql('ROLLBACK TO SAVEPOINT rebuild_step')
        refused = {
          step,
          code: error.kind.code,
          conditions: (error.errors ?? []).flatMap(({ code }) => code ?? []),
          detail: inLanguage(error.detail ?? error.kind.title, by.language),
        }
        break
      }
    }
    return { ...(await compared(tx, id, 'all')), applied, refused }
  },
})

export type RebuildStore = ReturnType<typeof rebuildStore>

/** When the ship left the berth again that a step brought it to, as far as that was told. */
const leftAfter = (step: HistoryStep, { stays }: CallHistory): Date | null => {
  const left = stays.find(({ arrivedAt }) => arrivedAt === step.occurredAt)?.departedAt ?? null
  return left === null ? null : new Date(left)
}

const toldAndDecided = async (client: Client, id: string, visibility: Visibility) => {
  const call = await requireCall(client, id, visibility)
  const where = { portCallId: id }
  const [rows, decisions] = await Promise.all([
    client.portCallTimestamp.findMany({ where }),
    client.portCallDecision.findMany({ where, orderBy: [{ decidedAt: 'asc' }, { id: 'asc' }] }),
  ])
  const history = historyOf(rows.map(timestampOf))
  const decided = decisions.map(({ action, occurredAt }) => ({
    action,
    occurredAt: occurredAt?.toISOString() ?? null,
  }))
  return { call, history, steps: history.steps, decided }
}

const compared = async (client: Client, id: string, visibility: Visibility): Promise<Rebuild> => {
  const { call, history, decided } = await toldAndDecided(client, id, visibility)
  const state = call.state as PortCallState
  return {
    portCallId: id,
    recordedState: state,
    derivedState: history.state,
    steps: history.steps,
    stays: history.stays,
    contradictions: contradictionsOf(history, { state, decisions: decided }),
    applied: [],
    refused: null,
  }
}
