import type { TestService } from '@porttrack/shared/testing/start-service'

let serial = 0

/** A pilot whose personnel number no other test has. */
export const newEmployee = (change: object = {}) => {
  serial += 1
  return {
    personnelNumber: `P-${String(serial).padStart(4, '0')}`,
    givenName: 'Ana María',
    familyName: 'Muñoz',
    email: `ana.${serial}@example.com`,
    phone: '+34600123456',
    organization: 'pilots',
    roles: ['PILOT'],
    skills: ['LNG', 'NIGHT'],
    restProfile: 'STCW_MLC',
    ...change,
  }
}

/** Registers an employee and gives the answer's body. */
export const register = async (service: TestService<object>, change: object = {}) => {
  const made = await service.request('POST', '/v1/employees', { body: newEmployee(change) })
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}
