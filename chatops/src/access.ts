import { type TSchema, Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'

/** What people may do in the chat; what is not listed for a role is refused. */
const permissions = {
  observer: ['look'],
  deployer: ['look', 'deploy:test', 'deploy:staging'],
  releaser: ['look', 'deploy:test', 'deploy:staging', 'deploy:prod'],
} as const satisfies Record<string, readonly string[]>

type Role = keyof typeof permissions
export type Permission = (typeof permissions)[Role][number]

const Roles = Type.Union([
  Type.Literal('observer'),
  Type.Literal('deployer'),
  Type.Literal('releaser'),
]) satisfies TSchema

const AccessFile = Type.Object(
  {
    rooms: Type.Array(Type.String({ pattern: '^[CG][A-Z0-9]{2,20}$' }), {
      minItems: 1,
      description: 'Ids of the channels in which commands are heard',
    }),
    people: Type.Record(
      Type.String({ pattern: '^[UW][A-Z0-9]{2,20}$' }),
      Type.Object({ name: Type.String(), role: Roles }, { additionalProperties: false }),
      { description: 'By the id of the Slack user, which nobody can choose' },
    ),
  },
  { additionalProperties: false },
)

export type Access = Static<typeof AccessFile>

/**
 * Reads the reviewed file of who may do what.
 *
 * @throws Error naming the first fault
 */
export const readAccess = (text: string): Access => {
  const given: unknown = parse(text)
  if (Value.Check(AccessFile, given)) return given
  const [fault] = Value.Errors(AccessFile, given)
  throw new Error(
    `the access file is not usable: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}`,
  )
}

/** Why someone is refused, or null. */
export type Refusal = 'room' | 'person' | 'role'

/** Judges by room and by user id alone: names are for people, and can be changed by them. */
export const refusalOf = (
  access: Access,
  { room, user }: { room: string; user: string },
  permission: Permission,
): Refusal | null => {
  if (!access.rooms.includes(room)) return 'room'
  const person = Object.hasOwn(access.people, user) ? access.people[user] : undefined
  if (person === undefined) return 'person'
  return (permissions[person.role] as readonly string[]).includes(permission) ? null : 'role'
}
