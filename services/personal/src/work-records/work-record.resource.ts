import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { employeeStore } from '../employees/employee.store.ts'
import { workRecordErrors, workRecordLifecycle } from './work-record.ts'
import { workRecordRoutes } from './work-record.routes.ts'
import { WorkRecord } from './work-record.schema.ts'
import { workRecordStore } from './work-record.store.ts'

export const workRecords = defineResource({
  errors: [workRecordErrors],
  lifecycles: [workRecordLifecycle],
  schemas: [WorkRecord],
  routes: (app, { database, cursors, metrics }: PersonalContext) => {
    const employees = employeeStore({ database, cursors })
    const workRecords = workRecordStore({ database, cursors, employees })
    app.register(workRecordRoutes, { prefix: '/work-records', database, workRecords, metrics })
  },
})
