import { defineErrors } from '@porttrack/shared/http/errors'

/**
 * Whose rules of rest bind an employee: STCW A-VIII/1 and MLC A2.3 for pilots, tug and launch crews,
 * Directive 2003/88/EC for staff ashore.
 */
export const restProfiles = ['STCW_MLC', 'EU_WTD'] as const

/** INACTIVE are those who work here no more, or not for now. */
export const employeeStates = ['ACTIVE', 'INACTIVE'] as const

export const employeeErrors = defineErrors({
  EMPLOYEE_EXISTS: {
    status: 409,
    title: { en: 'The personnel number is taken', es: 'El número de empleado está ocupado' },
  },
  EMPLOYEE_INACTIVE: {
    status: 409,
    title: { en: 'The employee is not active', es: 'El empleado no está activo' },
  },
  EMPLOYEE_ACTIVE: {
    status: 409,
    title: {
      en: 'The employee works here; deactivate them first',
      es: 'El empleado trabaja aquí; dé de baja antes al empleado',
    },
  },
  EMPLOYEE_ERASED: {
    status: 409,
    title: {
      en: 'What names the employee was erased',
      es: 'Los datos que nombran al empleado se suprimieron',
    },
  },
})

/** What stands where words of or about a person were erased. */
export const erased = 'ERASED'

/** A name as lists are sorted and searched by: in capitals, without accents, single blanks. */
export const nameKeyOf = (name: string): string =>
  name.normalize('NFD').replaceAll(/\p{M}/gu, '').toUpperCase().trim().replaceAll(/\s+/g, ' ')
