/** Paths in a log record whose values are never written. */
export const redactedPaths = [
  'authorization',
  'cookie',
  'password',
  'token',
  '*.authorization',
  '*.cookie',
  '*.password',
  '*.token',
  'headers["set-cookie"]',
]
