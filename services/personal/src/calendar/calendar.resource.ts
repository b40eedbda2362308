import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeStore } from '../employees/employee.store.ts'
import { calendarRoutes } from './calendar.routes.ts'
import { CalendarLink, NewCalendarLink } from './calendar.schema.ts'
import { calendarStore } from './calendar.store.ts'

export const calendar = defineResource({
  schemas: [CalendarLink, NewCalendarLink],
  routes: (app, { database, cursors, config }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    const calendars = calendarStore({ database, employees })
    app.register(calendarRoutes, { database, calendars, timeZone: config.TIME_ZONE })
  },
})
