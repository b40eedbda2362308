import type { Database } from '@porttrack/shared/database/transaction'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { services } from '../../scripts/generate/processes.ts'
import type { RunningServices } from './services.ts'
import { ladenContainer } from '../e2e/containers.ts'

/**
 * Makes one of everything that has an owner, acme's, and what that needs. Gives the ids by service and
 * collection, such as `barcos /v1/port-calls`.
 */
export const makeObjects = async ({ named }: RunningServices): Promise<Record<string, string>> => {
  const office: Identity = { roles: ['admin', 'harbour-master'] }
  const make = async (name: string, path: string, body: object, as = office): Promise<string> => {
    const answer = await named(name).request('POST', path, { as, body })
    if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`)
    return answer.body.id ?? answer.body.webhook.id
  }
  const hours = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString()
  const vesselId = await make('barcos', '/v1/vessels', {
    vesselIMONumber: '9074729',
    name: 'ESTRELLA DEL SUR',
    flag: 'ES',
    type: 'CONT',
    lengthOverall: 100,
    maximumDraft: 8,
  })
  const call = await make('barcos', '/v1/port-calls', {
    vesselId,
    agentOrganization: 'acme',
    UNLocationCode: 'ESALG',
    purposes: ['CARGO_OPERATIONS'],
    eta: hours(24),
  })
  const berthId = await make('barcos', '/v1/berths', {
    UNLocationCode: 'ESALG',
    code: 'JC-1',
    name: 'Juan Carlos I',
    quayLength: 400,
    depth: 16,
    bollards: [],
  })
  const approved = await named('barcos').request('POST', `/v1/port-calls/${call}/approve`, {
    as: office,
    headers: { 'if-match': '*' },
  })
  if (approved.status !== 200) throw new Error(approved.text)
  const ids: Record<string, string> = {
    'barcos /v1/vessels': vesselId,
    'barcos /v1/berths': berthId,
    'barcos /v1/port-calls': call,
    'barcos /v1/service-orders': await make('barcos', `/v1/port-calls/${call}/service-orders`, {
      portCallServiceTypeCode: 'PILOTAGE',
      portCallPhaseTypeCode: 'INBD',
      providerOrganization: 'acme',
      requestedDateTime: hours(23),
    }),
    'barcos /v1/reservations': await make('barcos', `/v1/port-calls/${call}/reservations`, {
      berthId,
      fromMetre: 100,
      toMetre: 250,
      startsAt: hours(25),
      endsAt: hours(35),
    }),
    'personal /v1/employees': await make('personal', '/v1/employees', {
      personnelNumber: 'P-1',
      givenName: 'Ana',
      familyName: 'Ruiz',
      organization: 'acme',
      roles: ['PILOT'],
      skills: [],
      restProfile: 'STCW_MLC',
    }),
  }
  // What carga knows of a call has come by the feed of barcos.
  const { database } = named('carga').opened as { database: Pick<Database, 'sql'> }
  await database.sql(
    `INSERT INTO port_call (id, un_location_code, state, vessel_name, agent_organization, told_at)
     VALUES ($1::uuid, 'ESALG', 'WORKING', 'ESTRELLA DEL SUR', 'acme', now())`,
    [call],
  )
  ids['carga /v1/port-calls'] = call
  ids['carga /v1/container-visits'] = await make('carga', '/v1/container-visits', {
    equipmentReference: 'CSQU3054383',
    ...ladenContainer,
    flow: 'EXPORT',
    seals: [{ number: 'SEAL1', source: 'SHI' }],
    carrierOrganization: 'acme',
    loadPortCallId: call,
  })
  ids['carga /v1/transport-documents'] = await make('carga', '/v1/transport-documents', {
    transportDocumentReference: 'HHL71800000',
    carrierOrganization: 'acme',
    shipper: 'Acme Shipping',
    portOfLoading: 'ESALG',
    portOfDischarge: 'NLRTM',
    consignmentItems: [
      {
        descriptionOfGoods: 'Telephones',
        HSCodes: ['851713'],
        cargoGrossWeight: 12_000,
        numberOfPackages: 400,
        equipmentReferences: ['CSQU3054383'],
      },
    ],
  })
  for (const { name } of services) {
    ids[`${name} /v1/webhooks`] = await make(name, '/v1/webhooks', {
      organization: 'acme',
      url: 'https://93.184.216.34/acme',
    })
  }
  return ids
}
