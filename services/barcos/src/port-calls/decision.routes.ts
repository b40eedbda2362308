import { act } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyPluginAsync } from 'fastify'
import { type Static, type TSchema, Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { type PortCallAction, portCallActions } from './port-call.ts'
import {
  Berthing,
  Decision,
  type DecisionBody,
  Rejection,
  Resubmission,
  Shift,
  Step,
} from './decision.schema.ts'
import type { DecisionStore } from './decision.store.ts'
import { visibilityOf } from './visibility.ts'

type DecisionRouteOptions = {
  database: BarcosDatabase
  decisions: DecisionStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })

type DecisionRoute = {
  permission: 'port-call:decide' | 'port-call:amend' | 'port-call:move' | 'port-call:work'
  summary: string
  description?: string
  body: TSchema
}

const irreversible = 'Irreversible: later changes are answered 409. Berths reserved are released.'
const named = '409 names each condition that is not met by its code.'

/** What differs between the routes of the decisions: `POST /port-calls/:id/<action>` each. */
const routes: Readonly<Record<PortCallAction, DecisionRoute>> = {
  approve: {
    permission: 'port-call:decide',
    summary: 'Approve an announced call',
    body: Decision,
  },
  reject: {
    permission: 'port-call:decide',
    summary: 'Reject an announced call, with a reason',
    body: Rejection,
  },
  resubmit: {
    permission: 'port-call:amend',
    summary: 'Announce a rejected call again',
    description: 'With what is declared anew, such as another ETA; the rest stays as it was.',
    body: Resubmission,
  },
  cancel: {
    permission: 'port-call:amend',
    summary: 'Cancel a call before the ship arrives',
    description: irreversible,
    body: Decision,
  },
  omit: {
    permission: 'port-call:amend',
    summary: 'Omit a call: the ship passes the port by',
    description: irreversible,
    body: Decision,
  },
  arrive: {
    permission: 'port-call:move',
    summary: 'The ship has arrived in the port area',
    description: 'With its time, the end of the sea passage is recorded as well.',
    body: Step,
  },
  berth: {
    permission: 'port-call:move',
    summary: 'The ship was made fast at the berth reserved for it',
    description: `With its time, the berth arrival is recorded as well. ${named}`,
    body: Berthing,
  },
  shift: {
    permission: 'port-call:move',
    summary: 'The ship has moved to another berth reserved for it',
    description: `With their times, departure from one berth and arrival at the other are recorded as well. ${named}`,
    body: Shift,
  },
  start: {
    permission: 'port-call:work',
    summary: 'Cargo operations have begun',
    description: 'With its time, their start is recorded as well.',
    body: Step,
  },
  complete: {
    permission: 'port-call:work',
    summary: 'Cargo operations have ended',
    description: 'With its time, their completion is recorded as well.',
    body: Step,
  },
  depart: {
    permission: 'port-call:move',
    summary: 'The ship has left the port',
    description: `With its time, the departure is recorded as well: from the berth, or to sea for a ship that only anchored. ${named}`,
    body: Step,
  },
  close: {
    permission: 'port-call:decide',
    summary: 'Close the accounts of a call',
    description: 'Irreversible: later changes are answered 409.',
    body: Decision,
  },
}

/** Decisions about a port call. */
export const decisionRoutes: FastifyPluginAsync<DecisionRouteOptions> = async (
  app,
  { database, decisions, metrics },
) => {
  for (const action of portCallActions) {
    const { permission, body, ...described } = routes[action]
    app.post<{ Params: Static<typeof Params>; Body: DecisionBody | null }>(
      `/:id/${action}`,
      {
        config: access.permit(permission),
        schema: {
          operationId: `${action}PortCall`,
          tags: ['port calls'],
          ...described,
          params: Params,
          body,
          response: { 200: Type.Ref('PortCall'), ...errors(404, 409, 412, 422) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, async (unit, version) => {
          const { call, recorded } = await decisions.decide(unit, {
            id: request.params.id,
            action,
            version,
            visibility: visibilityOf(request.caller, permission),
            reporter: reporterOf(request.caller),
            body: request.body ?? {},
          })
          for (const { source, portCallServiceTypeCode } of recorded) {
            metrics.timestampsRecorded.inc({ source, service_type: portCallServiceTypeCode })
          }
          return call
        }),
    )
  }
}
