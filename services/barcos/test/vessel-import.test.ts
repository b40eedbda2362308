import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, nextIdentity, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const csv = { 'content-type': 'text/csv' }
const send = (table: string, headers = {}, by: { as?: typeof agent } = {}) =>
  barcos.request('POST', '/v1/vessels/import', {
    body: table,
    headers: { ...csv, ...headers },
    ...by,
  })
const line = (name: string, { vesselIMONumber, MMSINumber } = nextIdentity()) =>
  `${vesselIMONumber},${MMSINumber},${name},ES,CONT,180.5`
const head = 'vesselIMONumber,MMSINumber,name,flag,type,lengthOverall'
const count = async (name: string) =>
  (await barcos.request('GET', `/v1/vessels?name=${name}&limit=200`)).body.items.length

describe('a table of vessels', () => {
  it('registers them all, with their history, and tells other systems', async () => {
    const answer = await send([head, line('Table A'), line('Table B')].join('\r\n'))
    expect(answer).toMatchObject({ status: 201, body: { imported: 2 } })
    const [first] = answer.body.vesselIds
    const { body } = await barcos.request('GET', `/v1/vessels/${first}`)
    expect(body).toMatchObject({ name: 'Table A', type: 'CONT', lengthOverall: 180.5, version: 1 })
    const history = await barcos.request('GET', `/v1/vessels/${first}/history`)
    expect(history.body.items).toHaveLength(4)
    const told = (await barcos.events()).filter(({ subject }) => subject === first)
    expect(told).toMatchObject([{ type: 'barcos.vessel.registered' }])
  })

  it('registers none where one line has a fault, and names each by row and column', async () => {
    const known = await barcos.registerVessel()
    const twice = nextIdentity()
    const table = [
      head,
      line('None A'),
      '9074728,224000321,None B,ES,CONT,180',
      `${known.vesselIMONumber},,None C,ES,CONT,180`,
      line('None D', twice),
      line('None E', twice),
      ',,None F,ES,CONT,180',
      '9074729,224000322,None G,ZZ,SUBMARINE,long',
    ].join('\n')
    const answer = await send(table, { 'accept-language': 'es' })
    expect(answer).toMatchObject({ status: 422, body: { code: 'VESSELS_NOT_IMPORTED' } })
    const faults: { row: number; column?: string; pointer: string; detail: string }[] =
      answer.body.errors
    expect(faults.map(({ row, column }) => [row, column])).toEqual([
      [3, 'vesselIMONumber'],
      [4, 'vesselIMONumber'],
      [6, 'vesselIMONumber'],
      [6, 'MMSINumber'],
      [7, undefined],
      [8, 'type'],
      [8, 'lengthOverall'],
    ])
    expect(faults[0]).toMatchObject({
      pointer: '#cell=3,1',
      detail: 'termina en 8 y por sus otros dígitos debe terminar en 9',
    })
    expect(faults[1]?.detail).toBe(`es del buque ${known.id}`)
    expect(faults[2]?.detail).toBe('es el del buque de la línea 5')
    expect(await count('None')).toBe(0)
  })

  it('is carried out once however often it is sent with one key', async () => {
    const table = [head, line('Once')].join('\n')
    const headers = { 'idempotency-key': 'table-once' }
    const [first, second] = [await send(table, headers), await send(table, headers)]
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(await count('Once')).toBe(1)
  })

  it('loses against another that registers the same ship at the same time, as a whole', async () => {
    const shared = nextIdentity()
    const tables = Array.from({ length: 6 }, (_, n) =>
      [head, line(`Race ${n}`), line('Race shared', shared)].join('\n'),
    )
    const answers = await Promise.all(tables.map((table) => send(table)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const refused of answers.filter(({ status }) => status !== 201)) {
      expect(refused).toMatchObject({
        status: 422,
        body: {
          errors: [
            { row: 3, column: 'vesselIMONumber' },
            { row: 3, column: 'MMSINumber' },
          ],
        },
      })
    }
    expect(await count('Race')).toBe(2)
  })

  it('waits for no other that has the same ships in another order', async () => {
    const lines = Array.from({ length: 50 }, (_, n) => line(`Order ${n}`))
    const answers = await Promise.all(
      [lines, lines.toReversed()].map((each) => send([head, ...each].join('\n'))),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422])
    const refused = answers.find(({ status }) => status === 422)
    expect(refused?.body.errors).toHaveLength(100)
  })

  it('names the ship that is registered while it is read', async () => {
    const { vesselIMONumber } = nextIdentity()
    const { database } = barcos.opened
    const inserted = Promise.withResolvers<void>()
    const committing = Promise.withResolvers<void>()
    const other = database.transaction(async ({ sql }) => {
      await sql(
        `INSERT INTO vessel (id, imo_number, name, name_key, state)
         VALUES (gen_random_uuid(), $1, 'Meanwhile', 'MEANWHILE', 'ACTIVE')`,
        [vesselIMONumber],
      )
      inserted.resolve()
      await committing.promise
    })
    await inserted.promise
    const sending = send(`name,vesselIMONumber\nLate,${vesselIMONumber}`)
    await expect.poll(() => lockWaits(database.sql)).toBe(1)
    committing.resolve()
    await other
    const refused = await sending
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ row: 2, column: 'vesselIMONumber' }] },
    })
    expect(refused.body.errors[0].detail).toMatch(/^belongs to vessel /)
  })

  it('warns of what is unusual, and says why a ship is detained', async () => {
    const { MMSINumber } = nextIdentity()
    const columns = 'name,MMSINumber,flag,state,stateReason'
    const answer = await send(`${columns}\nOdd,${MMSINumber},PA,DETAINED,unpaid dues`, {
      'accept-language': 'es',
    })
    expect(answer).toMatchObject({
      status: 201,
      body: {
        warnings: [
          {
            pointer: '#cell=2,2',
            row: 2,
            column: 'MMSINumber',
            detail: 'empieza por un MID de ES y el pabellón es PA',
          },
        ],
      },
    })
    const [id] = answer.body.vesselIds
    const { body } = await barcos.request('GET', `/v1/vessels/${id}/history?property=state`)
    expect(body.items).toMatchObject([{ value: 'DETAINED', reason: 'unpaid dues' }])
    const unsaid = await send(`${columns}\nOdd,${nextIdentity().MMSINumber},ES,DETAINED,`)
    expect(unsaid.body.errors).toMatchObject([
      { row: 2, column: 'stateReason', code: 'DETENTION_REASONED' },
    ])
  })

  it('takes five thousand lines', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => line(`Many ${n}`))
    const answer = await send([head, ...lines].join('\n'))
    expect(answer).toMatchObject({ status: 201, body: { imported: 5_000 } })
  }, 60_000)

  it('is refused when it is none, is empty, or comes from who may not', async () => {
    expect(await send('')).toMatchObject({ status: 422, body: { errors: [{ row: 1 }] } })
    expect(await send(head)).toMatchObject({ status: 422, body: { errors: [{ row: 1 }] } })
    expect(await send('name,owner\nX,Y')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#cell=1,2', column: 'owner' }] },
    })
    expect(await send(`${head}\n"open`)).toMatchObject({ status: 400 })
    expect(await send('__proto__,constructor\n1,2')).toMatchObject({ status: 422 })
    expect(await send(`${head}\na\0b,,,,,`)).toMatchObject({ status: 400 })
    const latin = Buffer.from('name,MMSINumber\nMuñoz,224999998\n', 'latin1')
    const lost = await barcos.post('/v1/vessels/import', latin, { headers: csv })
    expect(lost).toMatchObject({ status: 400, body: { errors: [{ pointer: '#' }] } })
    const many = await send(`name\n${'A\n'.repeat(10_001)}`)
    expect(many).toMatchObject({ status: 422, body: { errors: [{ pointer: '#' }] } })
    expect(await send(`name\n${'x'.repeat(4_200_000)}`)).toMatchObject({ status: 413 })
    expect(await barcos.post('/v1/vessels/import', {})).toMatchObject({ status: 415 })
    expect(await send([head, line('X')].join('\n'), {}, { as: agent })).toMatchObject({
      status: 403,
    })
  })
})

describe('the register as a table', () => {
  it('has every vessel that is asked for, and escapes formulas', async () => {
    await barcos.registerVessel({ name: '=SUM(A1)', flag: 'SE' })
    for (let n = 0; n < 3; n += 1) await barcos.registerVessel({ name: `Swede ${n}`, flag: 'SE' })
    const answer = await barcos.request('GET', '/v1/vessels?flag=SE&limit=2', {
      headers: { accept: 'text/csv' },
    })
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="vessels.csv"',
    })
    const lines = answer.text.trimEnd().split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^id,vesselIMONumber,/)
    expect(answer.text).toContain("'=SUM(A1)")
    expect(
      await barcos.request('GET', '/v1/vessels', { headers: { accept: 'application/pdf' } }),
    ).toMatchObject({ status: 406 })
  })

  it('is whole however many vessels there are', async () => {
    const answer = await barcos.request('GET', '/v1/vessels?name=Many', {
      headers: { accept: 'text/csv' },
    })
    expect(new Set(answer.text.trimEnd().split('\r\n')).size).toBe(5_001)
  })
})
