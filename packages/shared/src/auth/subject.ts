import { Type } from 'typebox'

/** Characters of a subject at most (OpenID Connect Core 1.0 §2); a token with a longer one is refused. */
export const longestSubject = 255

/** Who did something, in an answer: the subject of a user, of a machine or of a service. */
export const Subject = Type.String({ maxLength: longestSubject })
