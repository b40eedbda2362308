/**
 * An environment variable that a step needs.
 *
 * @throws when it is absent or empty
 */
export const variable = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is missing`)
  return value
}
