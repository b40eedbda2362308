import { appendFile } from 'node:fs/promises'

/**
 * Hands values to the steps that follow, by the file that GitHub names in `GITHUB_OUTPUT`; printed
 * where there is none.
 *
 * @throws when a value has several lines, which the file's format would read as further values
 */
export const writeOutputs = async (values: Record<string, string>): Promise<void> => {
  const lines = Object.entries(values).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new Error(`the output ${name} has several lines`)
    return `${name}=${value}\n`
  })
  const file = process.env['GITHUB_OUTPUT']
  if (file) await appendFile(file, lines.join(''))
  process.stdout.write(lines.join(''))
}
