/** A Markdown table; cells are escaped. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string =>
  [head, head.map(() => '---'), ...rows]
    .map(
      (row) => `| ${row.map((cell) => String(cell).replaceAll('|', String.raw`\|`)).join(' | ')} |`,
    )
    .join('\n')

/** A page that says where it comes from. */
export const page = (title: string, source: string, parts: readonly string[]): string =>
  `${[`# ${title}`, `<!-- Generated from ${source} by \`npx -y pnpm@12 generate\`. -->`, ...parts].join('\n\n')}\n`
