import { pageQuery, PageOf } from '@porttrack/shared/http/pagination'
import { type Static, type TSchema, Type } from 'typebox'
import { told } from '../told.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Moment = (description: string) => Type.String({ format: 'date-time', description })

export const ZoneStay = Type.Object(
  {
    mmsi: Type.String({ pattern: String.raw`^\d{9}$` }),
    name: nullable(Type.String({ ...told.shipName, description: 'As the ship declares it now' })),
    enteredAt: Moment('When the ship crossed the border, or was first heard inside'),
    leftAt: nullable(Moment('Null while the ship is in the zone')),
    lastSeen: nullable(
      Moment(
        'Of a stay under way, the time of the ship’s last fix: what it did since is not known; null of one that has ended',
      ),
    ),
    stoppedAt: nullable(
      Moment('When the ship became still in a berth or an anchorage; null when it has not'),
    ),
  },
  { $id: 'ZoneStay' },
)
export type ZoneStay = Static<typeof ZoneStay>

export const ZoneStayList = PageOf(Type.Ref('ZoneStay'))

const moment = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description }))

export const ZoneStayQuery = Type.Object(
  {
    ...pageQuery,
    from: moment('Ships that left later'),
    to: moment('Ships that entered before'),
  },
  { additionalProperties: false },
)
export type ZoneStayQuery = Static<typeof ZoneStayQuery>
