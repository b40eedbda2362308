import { startTestService } from '@porttrack/shared/testing/start-service'
import { expect, it } from 'vitest'
import { personal } from '../src/service.ts'
import { newEmployee } from './people.ts'

/** Words that occur nowhere but in the personal fields of this test. */
const secret = {
  givenName: 'Zerafina',
  familyName: 'Quillfeather',
  email: 'zq@secret-mail.example',
  phone: '+34699988877',
}
const words = [
  ...Object.values(secret),
  'Wobbleknee',
  'BROKEN',
  'QUILLFEATHER',
  'CERT-7788',
  'CERT-9911',
]

it('personal data reach neither the log nor an event, also when something fails', async () => {
  await using service = await startTestService(personal, { env: { LOG_LEVEL: 'debug' } })
  const { sql } = service.opened.database
  const path = '/v1/employees'
  const given = newEmployee(secret)
  const { body: employee } = await service.request('POST', path, { body: given })
  const url = `${path}/${employee.id}`
  const headers = { 'if-match': '*' }
  const request = async (method: 'POST' | 'PUT', to: string, body: unknown) =>
    (await service.request(method, to, { body, headers })).status

  expect(await request('POST', path, given)).toBe(409)
  expect(await request('POST', path, { ...given, familyName: 7, email: 'Quillfeather' })).toBe(400)
  expect(await request('PUT', url, { ...given, personnelNumber: 'other' })).toBe(200)
  expect(await request('POST', path, { ...newEmployee(secret), personnelNumber: 'X-1' })).toBe(201)
  expect(await request('PUT', url, { ...given, personnelNumber: 'X-1' })).toBe(409)
  expect((await service.request('GET', `${path}?name=Quillfeather`)).status).toBe(200)
  const certificate = { type: 'MEDICAL', number: 'CERT-7788', issued: '2020-01-01' }
  expect(await request('POST', `${url}/certificates`, certificate)).toBe(201)
  expect(await request('POST', `${url}/certificates`, certificate)).toBe(409)

  // Faults that nobody has thought of: the database quotes the row that it refuses.
  await sql(`ALTER TABLE employee ADD CHECK (family_name <> 'BROKEN')`)
  await sql(`ALTER TABLE employee ADD CHECK (deactivation_reason <> 'Wobbleknee')`)
  await sql(`ALTER TABLE certificate ADD CHECK (number <> 'CERT-9911')`)
  const broken = { ...newEmployee(secret), familyName: 'BROKEN' }
  expect(await request('POST', path, broken)).toBe(500)
  expect(await request('PUT', url, { ...given, familyName: 'BROKEN' })).toBe(500)
  expect(await request('POST', `${url}/deactivate`, { reason: 'Wobbleknee' })).toBe(500)
  expect(
    await request('POST', `${url}/certificates`, { ...certificate, number: 'CERT-9911' }),
  ).toBe(500)
  expect(await request('POST', `${url}/deactivate`, { reason: 'Quillfeather is ill' })).toBe(200)

  const logged = JSON.stringify(service.logs())
  const outbox = JSON.stringify(await sql('SELECT * FROM kit.outbox'))
  expect(logged).toContain('request failed')
  expect(outbox).toContain(employee.id)
  expect(words.filter((word) => logged.includes(word))).toEqual([])
  expect(words.filter((word) => outbox.includes(word))).toEqual([])
})
