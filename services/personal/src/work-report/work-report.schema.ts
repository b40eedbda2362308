import { PageOf, pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { told } from '../told.ts'

const minutes = (description: string) => Type.Integer({ minimum: 0, description })

export const WorkReportLine = Type.Object(
  {
    week: Type.String({ format: 'date', description: 'Its Monday' }),
    employeeId: Type.String({ format: 'uuid' }),
    personnelNumber: told.personnelNumber,
    organization: Type.Union([told.organization, Type.Null()]),
    plannedMinutes: minutes('As assigned, whether it was worked or not'),
    workedMinutes: minutes('As recorded; work that goes on counts once it has ended'),
    dueMinutes: minutes('`WEEKLY_HOURS`, less the share of the week in which the person is absent'),
    overtimeMinutes: minutes('Worked beyond what is due'),
    nightMinutes: minutes(
      'Worked from ten in the evening to six in the morning, by the port’s clock',
    ),
    emergencyMinutes: minutes('Worked in emergencies'),
    unsignedMinutes: minutes('Worked, and signed off by nobody yet'),
    absentMinutes: minutes('Leave, sickness, training and other absence'),
    utilisation: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'Worked ÷ due; null where nothing is due',
    }),
  },
  { $id: 'WorkReportLine' },
)
export type WorkReportLine = Static<typeof WorkReportLine>

export const WorkReport = PageOf(Type.Ref('WorkReportLine'))

const Day = (description: string) => Type.Optional(Type.String({ format: 'date', description }))

export const WorkReportQuery = Type.Object(
  {
    ...pageQuery,
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'People on a page' }),
    ),
    from: Day('A day of the first week; a day of the last whole week unless given'),
    to: Day('A day of the last week, at most 52 weeks later; that of `from` unless given'),
    employeeId: Type.Optional(Type.String({ format: 'uuid' })),
    organization: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })),
  },
  { additionalProperties: false },
)
export type WorkReportQuery = Static<typeof WorkReportQuery>
