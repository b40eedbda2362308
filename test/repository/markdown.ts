/** A link, image or code span of a document, with the line it stands on. */
export type Mention = { target: string; line: number }

/** The targets of the links outside of code, `<…>` and titles removed. */
export const linksOf = (markdown: string): Mention[] =>
  prose(markdown).flatMap(({ text, line }) => {
    const plain = text.replaceAll(/`[^`]*`/g, '')
    const inline = plain.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)
    const named = plain.matchAll(/^\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g)
    const html = plain.matchAll(/\b(?:href|src)="([^"]+)"/g)
    return [...inline, ...named, ...html].map((match) => ({ target: match[1] ?? '', line }))
  })

/** What stands between single backticks. */
export const codeSpansOf = (markdown: string): Mention[] =>
  prose(markdown).flatMap(({ text, line }) =>
    [...text.matchAll(/`([^`]+)`/g)].map((match) => ({ target: match[1] ?? '', line })),
  )

/** The anchors that GitHub gives a document's headings. */
export const anchorsOf = (markdown: string): Set<string> => {
  const anchors = new Set<string>()
  for (const { text } of prose(markdown)) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(text)?.[1]
    for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id ?? '')
    if (heading === undefined) continue
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    let unique = slug
    for (let n = 1; anchors.has(unique); n++) unique = `${slug}-${n}`
    anchors.add(unique)
  }
  return anchors
}

/** The rows of the table below a heading, cells trimmed; without head and rule. */
export const tableBelow = (markdown: string, heading: string): string[][] => {
  const lines = markdown.split('\n')
  const begin = lines.indexOf(heading)
  if (begin < 0) throw new Error(`there is no heading "${heading}"`)
  const first = lines.findIndex((line, index) => index > begin && line.startsWith('|'))
  const next = lines.findIndex((line, index) => index > begin && /^#{1,6} /.test(line))
  if (first < 0 || (next >= 0 && next < first)) throw new Error(`no table below "${heading}"`)
  const last = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return lines.slice(first + 2, last < 0 ? undefined : last).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** The first fenced block of a language. */
export const fencedBlock = (markdown: string, language: string): string => {
  const block = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(markdown)?.[1]
  if (block === undefined) throw new Error(`there is no block of ${language}`)
  return block
}

const prose = (markdown: string): { text: string; line: number }[] => {
  let fence: string | null = null
  return markdown.split('\n').flatMap((text, index) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1]
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null
      return []
    }
    if (mark !== undefined) {
      fence = mark
      return []
    }
    return [{ text, line: index + 1 }]
  })
}
