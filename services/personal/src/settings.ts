import { Type } from 'typebox'

/** The environment variables of personal, beside those of every process. */
export const settings = {
  DATABASE_URL: Type.String({ description: 'PostgreSQL database of this service' }),
}
