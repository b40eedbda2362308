import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Language } from '../http/language.ts'

export type PdfDocument = PDFKit.PDFDocument

/** A text in both languages, that of the reader first. */
export type Bilingual = readonly [first: string, second: string]

/** What stands at the head of a paper's first page, in short on those that follow, and at their feet. */
export type Heading = {
  language: Language
  title: Bilingual
  /** What or whom it is about. */
  name: string
  reference: string
  words: { issued: Bilingual; page: Bilingual; of: Bilingual }
}

/** Points (1/72 inch); the paper is A4. */
const paper = { width: 595.28, height: 841.89, margin: 42, foot: 20 }
export const left = paper.margin
export const inner = paper.width - 2 * paper.margin
/** Below this, only the foot of the page is printed. */
const bottom = paper.height - paper.margin - paper.foot

export const ink = {
  text: '#111111',
  faint: '#5a6472',
  line: '#b6bec8',
  head: '#e8edf2',
  rule: '#1d3a5c',
}

/** A piece of the page that is never torn: how high it is, and how it is drawn from `y` down. */
export type Block = {
  height: number
  draw: (y: number) => void
  /** What is drawn again above it where it comes first on a page: the head of its table. */
  head?: Block
  /** Whether it stays on one page with the block that follows. */
  keep?: boolean
}

/**
 * A paper as PDF (A4), a page at a time as the reader takes it. The same content and time of issue give
 * the same bytes.
 *
 * @param blocksOf what stands below the head, in order; a page is begun where a block does not fit
 */
export const printedPaper = async (
  heading: Heading,
  issuedAt: Date,
  blocksOf: (doc: PdfDocument) => readonly Block[],
): Promise<Readable> => {
  const doc = await openDocument(heading, issuedAt)
  const blocks = [titleBlock(doc, heading), ...blocksOf(doc)]
  return Readable.from(drawnPages(doc, { heading, issuedAt, blocks }))
}

/** Loaded only when something is printed: the library and its fonts take megabytes. */
const openDocument = async (
  { title: [title], language, reference, name }: Heading,
  issuedAt: Date,
): Promise<PdfDocument> => {
  const [{ default: PDFDocument }, regular, bold] = await Promise.all([
    import('pdfkit'),
    fileAt(import.meta.resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf')),
    fileAt(import.meta.resolve('@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf')),
  ])
  const doc = new PDFDocument({
    size: 'A4',
    // Pages are broken here; the library would begin one wherever text meets the margin.
    margin: 0,
    lang: language,
    displayTitle: true,
    info: { Title: `${title}: ${name}`, Subject: reference, CreationDate: issuedAt },
  })
  doc.registerFont('regular', regular)
  doc.registerFont('bold', bold)
  return doc
}

const fileAt = (url: string): Promise<Buffer> => readFile(fileURLToPath(url))

async function* drawnPages(
  doc: PdfDocument,
  given: { heading: Heading; issuedAt: Date; blocks: readonly Block[] },
): AsyncGenerator<Buffer> {
  const running = runningHead(doc, given.heading)
  const pages = paged(given.blocks, running.height)
  for (const [index, blocks] of pages.entries()) {
    if (index > 0) doc.addPage()
    let y = paper.margin
    for (const block of index > 0 ? [running, ...blocks] : blocks) {
      block.draw(y)
      y += block.height
    }
    drawFoot(doc, { ...given, page: index + 1, pages: pages.length })
    // What is ready is handed on before more is made.
    let chunk: Buffer | null
    while ((chunk = doc.read() as Buffer | null) !== null) yield chunk
  }
  doc.end()
  for await (const chunk of doc) yield chunk as Buffer
}

/** Distributes blocks over pages, which all but the first begin with the running head. */
const paged = (blocks: readonly Block[], headHeight: number): Block[][] => {
  const pages: Block[][] = [[]]
  let y = paper.margin
  for (const [index, block] of blocks.entries()) {
    if (y + heightKept(blocks, index) > bottom && (pages.at(-1)?.length ?? 0) > 0) {
      pages.push(block.head ? [block.head] : [])
      y = paper.margin + headHeight + (block.head?.height ?? 0)
    }
    pages.at(-1)?.push(block)
    y += block.height
  }
  return pages
}

/** How high a block is with those that it must stay with. */
const heightKept = (blocks: readonly Block[], index: number): number => {
  const block = blocks[index]
  if (!block) return 0
  return block.height + (block.keep ? heightKept(blocks, index + 1) : 0)
}

export type Style = { font: 'regular' | 'bold'; size: number; color: string }
export const styles = {
  title: { font: 'bold', size: 17, color: ink.rule },
  subtitle: { font: 'regular', size: 10.5, color: ink.faint },
  section: { font: 'bold', size: 10, color: ink.rule },
  strong: { font: 'bold', size: 8, color: ink.text },
  text: { font: 'regular', size: 8, color: ink.text },
  small: { font: 'regular', size: 7, color: ink.faint },
} as const satisfies Record<string, Style>

export type Line = { text: string; style: Style }
export type Box = { x: number; width: number; align?: 'left' | 'center' | 'right' }

const setStyle = (doc: PdfDocument, { font, size, color }: Style): PdfDocument =>
  doc.font(font).fontSize(size).fillColor(color)

/** Noto's own lines are set wide, for scripts with marks above and below. */
const leading = ({ size }: Style) => ({ lineGap: -0.2 * size })

const heightOf = (doc: PdfDocument, lines: readonly Line[], { width }: Box): number =>
  lines.reduce(
    (sum, { text, style }) =>
      sum + setStyle(doc, style).heightOfString(text || ' ', { width, ...leading(style) }),
    0,
  )

export const drawLines = (
  doc: PdfDocument,
  lines: readonly Line[],
  { x, y, width, align = 'left' }: Box & { y: number },
): void => {
  let top = y
  for (const { text, style } of lines) {
    setStyle(doc, style).text(text || ' ', x, top, { width, align, ...leading(style) })
    top += heightOf(doc, [{ text, style }], { x, width })
  }
}

export const rule = (
  doc: PdfDocument,
  y: number,
  { color, thickness, x = left, width = inner }: Rule,
): void => {
  doc
    .moveTo(x, y)
    .lineTo(x + width, y)
    .lineWidth(thickness)
    .strokeColor(color)
    .stroke()
}
type Rule = { color: string; thickness: number; x?: number; width?: number }

const titleBlock = (doc: PdfDocument, { title, name: subject }: Heading): Block => {
  const name: Line[] = [{ text: subject, style: styles.section }]
  const nameBox = { x: left + inner * 0.55, width: inner * 0.45, align: 'right' as const }
  const lines: Line[] = [
    { text: title[0], style: styles.title },
    { text: title[1], style: styles.subtitle },
  ]
  const box = { x: left, width: inner * 0.55 }
  const height = Math.max(heightOf(doc, lines, box), heightOf(doc, name, nameBox) + 8)
  return {
    height: height + 16,
    draw: (y) => {
      drawLines(doc, lines, { ...box, y })
      drawLines(doc, name, { ...nameBox, y: y + 8 })
      rule(doc, y + height + 6, { color: ink.rule, thickness: 1.5 })
    },
  }
}

const runningHead = (doc: PdfDocument, { title, name, reference }: Heading): Block => {
  const lines: Line[] = [
    { text: `${title[0]} / ${title[1]}`, style: styles.strong },
    { text: `${name} · ${reference}`, style: styles.small },
  ]
  const box = { x: left, width: inner }
  const height = heightOf(doc, lines, box)
  return {
    height: height + 14,
    draw: (y) => {
      drawLines(doc, lines, { ...box, y })
      rule(doc, y + height + 4, { color: ink.rule, thickness: 1 })
    },
  }
}

export type Field = { label: Bilingual; value: string }

/** Labels and values in two columns. */
export const fieldBlocks = (doc: PdfDocument, fields: readonly Field[]): Block[] => {
  const column = inner / 2
  const label = (x: number): Box => ({ x: x + 4, width: column * 0.33 - 6 })
  const value = (x: number): Box => ({ x: x + column * 0.33 + 2, width: column * 0.67 - 6 })
  const pairs = fields.flatMap((field, index) =>
    index % 2 === 0 ? [[field, fields[index + 1]] as const] : [],
  )
  return pairs.map((pair): Block => {
    const cells = pair.flatMap((field, index) => {
      if (!field) return []
      const x = left + index * column
      return [
        { lines: bilingual(field.label, styles.small, styles.small), box: label(x) },
        { lines: [{ text: field.value, style: styles.strong }], box: value(x) },
      ]
    })
    const height = Math.max(...cells.map(({ lines, box }) => heightOf(doc, lines, box))) + 6
    return {
      height,
      draw: (y) => {
        for (const { lines, box } of cells) drawLines(doc, lines, { ...box, y: y + 2 })
        rule(doc, y + height, { color: ink.line, thickness: 0.5 })
      },
    }
  })
}

/** A text in both languages below each other, once where they are the same. */
export const bilingual = ([first, second]: Bilingual, own: Style, other: Style): Line[] =>
  first === second
    ? [{ text: first, style: own }]
    : [
        { text: first, style: own },
        { text: second, style: other },
      ]

export const sectionHead = (doc: PdfDocument, [first, second]: Bilingual): Block => {
  const lines: Line[] = [{ text: `${first} / ${second}`, style: styles.section }]
  const box = { x: left, width: inner }
  const height = heightOf(doc, lines, box)
  return {
    height: height + 16,
    draw: (y) => drawLines(doc, lines, { ...box, y: y + 12 }),
    keep: true,
  }
}

export const note = (doc: PdfDocument, text: Bilingual): Block => {
  const lines = bilingual(text, styles.text, styles.small)
  const box = { x: left + 4, width: inner - 8 }
  return {
    height: heightOf(doc, lines, box) + 4,
    draw: (y) => drawLines(doc, lines, { ...box, y: y + 2 }),
  }
}

export type Column = { label: Bilingual; /** Share of the page's width. */ width: number }

/** A table's head, and its rows, each cell of which has a first line and others. */
export const table = (doc: PdfDocument, columns: readonly Column[]) => {
  let x = left
  const boxes = columns.map(({ width }): Box => {
    const box = { x: x + 4, width: width * inner - 8 }
    x += width * inner
    return box
  })
  const line = (cells: Line[][], background: string | null): Block => {
    const heights = cells.map((lines, index) => heightOf(doc, lines, boxes[index] as Box))
    const height = Math.max(...heights) + 6
    return {
      height,
      draw: (y) => {
        if (background) doc.rect(left, y, inner, height).fill(background)
        for (const [index, lines] of cells.entries()) {
          drawLines(doc, lines, { ...(boxes[index] as Box), y: y + 2 })
        }
        rule(doc, y + height, { color: ink.line, thickness: 0.5 })
      },
    }
  }
  const head: Block = {
    ...line(
      columns.map(({ label }) => bilingual(label, styles.strong, styles.small)),
      ink.head,
    ),
    keep: true,
  }
  return {
    head,
    row: (cells: readonly (readonly string[])[], other: Style = styles.small): Block => ({
      ...line(
        cells.map(([first = '', ...others]) => [
          { text: first, style: styles.text },
          ...others.map((text) => ({ text, style: other })),
        ]),
        null,
      ),
      head,
    }),
  }
}

const drawFoot = (
  doc: PdfDocument,
  given: { heading: Heading; issuedAt: Date; page: number; pages: number },
): void => {
  const { heading, issuedAt, page, pages } = given
  const { words } = heading
  const y = paper.height - paper.margin - 8
  rule(doc, y - 5, { color: ink.line, thickness: 0.5 })
  const issued = `${issuedAt.toISOString().slice(0, 16).replace('T', ' ')}Z`
  const number = ([word, of]: readonly [string, string]) => `${word} ${page} ${of} ${pages}`
  const [first, second] = [0, 1].map((index) =>
    number([words.page[index] ?? '', words.of[index] ?? '']),
  )
  drawLines(doc, [{ text: `${words.issued.join(' / ')}: ${issued}`, style: styles.small }], {
    x: left,
    width: inner / 2,
    y,
  })
  drawLines(doc, [{ text: `${first} / ${second}`, style: styles.small }], {
    x: left + inner / 2,
    width: inner / 2,
    align: 'right',
    y,
  })
}
