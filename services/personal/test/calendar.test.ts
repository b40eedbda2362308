import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal({ env: { TIME_ZONE: 'Europe/Madrid' } })
})
afterAll(() => service[Symbol.asyncDispose]())

/** So many hours after the hour that has just begun. */
const ahead = (hours: number) =>
  new Date((Math.floor(Date.now() / 3_600_000) + hours) * 3_600_000).toISOString()

/** A shift that someone is assigned to. */
const assigned = async (employeeId: string, from: number, place?: string) => {
  const shift = await service.request('POST', '/v1/shifts', {
    body: {
      UNLocationCode: 'ESALG',
      kindOfWork: 'PILOTAGE',
      startsAt: ahead(from),
      endsAt: ahead(from + 8),
      positions: [{ role: 'PILOT' }],
      ...(place === undefined ? {} : { place }),
    },
  })
  const made = await service.request('POST', `/v1/shifts/${shift.body.id}/assignments`, {
    body: { positionId: shift.body.positions[0].id, employeeId },
  })
  if (made.status !== 201) throw new Error(made.text)
  return { shiftId: shift.body.id as string, assignmentId: made.body.id as string }
}
const act = (shiftId: string, action: string, body?: object) =>
  service.request('POST', `/v1/shifts/${shiftId}/${action}`, body ? { body } : {})

const linkOf = async (employeeId: string) => {
  const made = await service.request('POST', `/v1/employees/${employeeId}/calendar-link`)
  if (made.status !== 201) throw new Error(made.text)
  return { ...made.body, address: String(made.headers['location']) } as {
    id: string
    key: string
    address: string
  }
}
/** Reads an address as a calendar does that knows no token. */
const read = (address: string, headers = {}) =>
  service.request('GET', address, { as: null, headers })

describe('a person’s calendar', () => {
  it('shows the confirmed shifts to whoever has the key', async () => {
    const person = await register(service)
    const published = await assigned(person.id, 24, 'Berth 3')
    await act(published.shiftId, 'publish')
    const draft = await assigned(person.id, 72)
    const { address, key, id } = await linkOf(person.id)
    expect(address).toBe(`/v1/calendars/${id}/shifts.ics?key=${key}`)
    const calendar = await read(address, { 'accept-language': 'es' })
    expect(calendar).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/calendar; charset=utf-8', 'content-language': 'es' },
    })
    const text = calendar.text.replaceAll(/\r?\n /g, '')
    const stamp = (time: string) => time.replaceAll(/[-:]|\.\d+/g, '')
    for (const line of [
      'X-WR-CALNAME:Turnos',
      `UID:${published.assignmentId}@personal.porttrack`,
      'SUMMARY:PILOTAGE: PILOT',
      String.raw`LOCATION:Berth 3\, ESALG`,
      `DTSTART:${stamp(ahead(24))}`,
      `DTEND:${stamp(ahead(32))}`,
    ]) {
      expect(text).toContain(line)
    }
    expect(text).not.toContain(draft.assignmentId)
    expect(text).not.toContain(person.familyName)
    await act(published.shiftId, 'cancel', { reason: 'no ship' })
    expect((await read(address)).text).not.toContain('BEGIN:VEVENT')
  })

  it('is no longer there once its link is withdrawn or replaced, or the person is gone', async () => {
    const person = await register(service)
    const url = `/v1/employees/${person.id}/calendar-link`
    const first = await linkOf(person.id)
    expect((await service.request('GET', url)).body).toMatchObject({ id: first.id })
    const second = await linkOf(person.id)
    expect((await read(first.address)).status).toBe(404)
    expect((await read(second.address)).status).toBe(200)
    expect((await service.request('DELETE', url)).status).toBe(204)
    expect((await service.request('DELETE', url)).status).toBe(404)
    expect((await read(second.address)).status).toBe(404)
    expect((await service.request('GET', url)).status).toBe(404)
    const third = await linkOf(person.id)
    await service.request('POST', `/v1/employees/${person.id}/deactivate`, {
      body: { reason: 'retired' },
    })
    expect((await read(third.address)).status).toBe(404)
  })

  it('answers a wrong key as one that was never made, and keeps no key', async () => {
    const person = await register(service)
    const { id, key, address } = await linkOf(person.id)
    const wrong = await read(`/v1/calendars/${id}/shifts.ics?key=${key.slice(1)}x`)
    const none = await read(
      `/v1/calendars/00000000-0000-7000-8000-000000000000/shifts.ics?key=${key}`,
    )
    const { instance: _one, ...theirs } = wrong.body
    const { instance: _other, ...nobodys } = none.body
    expect({ status: wrong.status, ...theirs }).toEqual({ status: none.status, ...nobodys })
    expect(wrong.status).toBe(404)
    expect((await read(`/v1/calendars/${id}/shifts.ics`)).status).toBe(400)
    await read(address)
    const kept = await service.opened.database.sql('SELECT * FROM calendar_link')
    expect(JSON.stringify(kept)).not.toContain(key)
    expect(JSON.stringify(service.logs())).not.toContain(key)
  })

  it('is linked by the staff office alone', async () => {
    const person = await register(service)
    const url = `/v1/employees/${person.id}/calendar-link`
    for (const as of [
      { roles: ['viewer'] as const },
      { roles: ['service-provider'] as const, org: 'pilots' },
      { kind: 'machine' as const, scopes: ['personal/write'] },
    ]) {
      expect((await service.request('POST', url, { as })).status).toBe(403)
    }
  })
})
