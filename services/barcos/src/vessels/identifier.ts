import type { Text } from '@porttrack/shared/http/language'

/** An identifier as it is stored, or what is wrong with what was given. */
export type Reading = { value: string } | { fault: Text }
