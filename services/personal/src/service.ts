import { defineService } from '@porttrack/shared/service/define-service'
import { absences } from './absences/absence.resource.ts'
import { access } from './access.ts'
import { assignments } from './assignments/assignment.resource.ts'
import { barcosFeed } from './barcos-feed.ts'
import { calendar } from './calendar/calendar.resource.ts'
import { cargaFeed } from './carga-feed.ts'
import { certificateAlerts } from './certificate-alerts.ts'
import { certificates } from './certificates/certificate.resource.ts'
import { open } from './context.ts'
import { demand } from './demand/demand.resource.ts'
import { employees } from './employees/employee.resource.ts'
import { events } from './events.ts'
import { gangTemplates } from './gang-templates/gang-template.resource.ts'
import { gangs } from './gangs/gang.resource.ts'
import { metrics } from './metrics.ts'
import { personalData } from './personal-data/personal-data.resource.ts'
import { restAssessments } from './rest/rest-assessment.resource.ts'
import { settings } from './settings.ts'
import { shiftRotations } from './shift-rotations/shift-rotation.resource.ts'
import { shifts } from './shifts/shift.resource.ts'
import { workRecords } from './work-records/work-record.resource.ts'
import { workReport } from './work-report/work-report.resource.ts'

export const personal = defineService({
  name: 'personal',
  title: 'Personal',
  description:
    'People: employees, their certificates and absences, shifts, who works in them and what was worked',
  env: settings,
  access,
  metrics,
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open,
  database: ({ database }) => database,
  consumes: (_opened, context) => [
    { url: context.config.BARCOS_URL, consumer: barcosFeed(context) },
    { url: context.config.CARGA_URL, consumer: cargaFeed(context) },
  ],
  background: (opened, context) => [certificateAlerts({ ...opened, ...context })],
  resources: [
    employees,
    certificates,
    absences,
    personalData,
    gangTemplates,
    gangs,
    shiftRotations,
    demand,
    shifts,
    assignments,
    calendar,
    workRecords,
    workReport,
    restAssessments,
  ],
})
