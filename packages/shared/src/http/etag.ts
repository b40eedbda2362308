import type { FastifyReply, FastifyRequest } from 'fastify'
import { kitErrors } from './errors.ts'
import { ProblemError } from './problem.ts'

/** The strong ETag of a resource's version. */
export const etagOf = (version: number): string => `"${version}"`

/**
 * The version a change is meant for, from `If-Match` (RFC 9110 §13.1.1). `*` means any version.
 *
 * @throws ProblemError 428 without the header, 412 when it names no version of ours
 */
export const requiredVersion = (request: FastifyRequest): number | '*' => {
  const header = request.headers['if-match']
  if (header === undefined) throw new ProblemError(kitErrors.PRECONDITION_REQUIRED)
  if (header.trim() === '*') return '*'
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1]
  if (version === undefined) throw new ProblemError(kitErrors.PRECONDITION_FAILED)
  return Number(version)
}

/** @throws ProblemError 412 when the resource is at another version than the change is meant for */
export const assertVersion = (wanted: number | '*', present: number): void => {
  if (wanted !== '*' && wanted !== present) throw new ProblemError(kitErrors.PRECONDITION_FAILED)
}

type Versioned = { version: number }

/**
 * Answers with a resource and its ETag, or with 304 when the caller has this version already
 * (`If-None-Match`).
 */
export const sendVersioned = <R extends Versioned>(
  request: FastifyRequest,
  reply: FastifyReply,
  resource: R,
): R => {
  const tag = etagOf(resource.version)
  reply.header('etag', tag)
  const known = request.headers['if-none-match']?.split(',').map((each) => each.trim())
  if (known?.some((each) => each === '*' || each.replace(/^W\//, '') === tag)) {
    reply.code(304)
  }
  return resource
}

/** Marks an answer as 201 with the new resource's address and ETag. */
export const created = <R extends Versioned>(
  reply: FastifyReply,
  location: string,
  resource: R,
): R => {
  reply.code(201).header('location', location).header('etag', etagOf(resource.version))
  return resource
}
