import { type TSchema, Type } from 'typebox'

/** What is null in an answer when it is not known. */
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])
