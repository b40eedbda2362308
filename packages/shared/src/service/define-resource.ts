import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import type { ErrorKind } from '../http/errors.ts'
import type { Conditions, Lifecycle } from '../states/lifecycle.ts'

/** A resource's part of a service, whole: what the documents say of it, and how it is served. */
export type Resource<Context> = {
  /** Errors that its rules and stores throw, for the documents. */
  errors?: readonly Readonly<Record<string, ErrorKind>>[]
  /** Its states, and the conditions of what is refused, for the documents. */
  lifecycles?: readonly Lifecycle[]
  conditions?: readonly Conditions[]
  /** Schemas with an `$id`, by which routes of every resource of the service may refer to them. */
  schemas?: readonly TSchema[]
  /** Registers its routes, with stores made of what the service opened. */
  routes: (app: FastifyInstance, context: Context) => void
}

/** Declares a resource; `context` names what of the service it is made with. */
export const defineResource = <Context>(resource: Resource<Context>): Resource<Context> => resource
