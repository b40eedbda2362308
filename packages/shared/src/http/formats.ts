const dateShape = /^(?:19|2\d)\d{2}-\d{2}-\d{2}$/
const timeShape =
  /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i

/** Whether a text is an RFC 3339 date that exists, from 1900 to 2999. */
export const isDate = (text: string): boolean => {
  if (!dateShape.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  // JavaScript moves 31 June on to 1 July.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** Whether a text is an RFC 3339 date and time with an offset that exists, from 1900 to 2999. */
export const isDateTime = (text: string): boolean =>
  /[Tt]/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && timeShape.test(text.slice(11))
