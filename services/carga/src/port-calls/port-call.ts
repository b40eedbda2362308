/** How sure carga can be of a port call: it knows what barcos had told until `asOf`. */
export type Knowledge = { asOf: string | null; ageSeconds: number | null }

/**
 * How old what is known of barcos is.
 *
 * @param readAt until when everything that barcos told is known; null when it never was
 * @param now milliseconds since 1970
 */
export const knowledgeAt = (readAt: Date | null, now: number): Knowledge =>
  readAt === null
    ? { asOf: null, ageSeconds: null }
    : {
        asOf: readAt.toISOString(),
        // The clock of another replica may be ahead.
        ageSeconds: Math.max(0, Math.round((now - readAt.getTime()) / 1_000)),
      }
