import type { Readable } from 'node:stream'
import {
  bilingual,
  type Block,
  drawLines,
  fieldBlocks,
  ink,
  inner,
  left,
  note,
  type PdfDocument,
  printedPaper,
  rule,
  sectionHead,
  styles,
  table,
} from '@porttrack/shared/paper/paper'
import type { Statement } from './statement-of-facts.ts'

/** A statement of facts as PDF. The same statement and time of issue give the same bytes. */
export const statementDocument = (statement: Statement, issuedAt: Date): Promise<Readable> =>
  printedPaper({ ...statement, name: statement.vesselName }, issuedAt, (doc) =>
    blocksOf(doc, statement),
  )

const blocksOf = (doc: PdfDocument, statement: Statement): Block[] => {
  const { words } = statement
  const stays = table(doc, [
    { label: words.berth, width: 0.28 },
    { label: words.metres, width: 0.18 },
    { label: words.planned, width: 0.27 },
    { label: words.alongside, width: 0.27 },
  ])
  const events = table(doc, [
    { label: words.local, width: 0.2 },
    { label: words.utc, width: 0.155 },
    { label: words.event, width: 0.31 },
    { label: words.place, width: 0.145 },
    { label: words.remark, width: 0.19 },
  ])
  return [
    ...fieldBlocks(doc, statement.fields),
    sectionHead(doc, words.berths),
    ...(statement.stays.length === 0
      ? [note(doc, words.noBerth)]
      : [
          stays.head,
          ...statement.stays.map(({ berth, metres, planned, alongside }) =>
            stays.row([[berth], [metres], planned, alongside], styles.text),
          ),
        ]),
    sectionHead(doc, words.events),
    ...(statement.events.length === 0
      ? [note(doc, words.noEvent)]
      : [
          events.head,
          ...statement.events.map(({ local, utc, event, place, remark }) =>
            events.row([[local], [utc], event, [place], [remark]]),
          ),
        ]),
    sectionHead(doc, words.remarks),
    ruledLines(doc, 3),
    sectionHead(doc, words.signatures),
    signatures(doc, statement),
  ]
}

/** Room for what is written by hand. */
const ruledLines = (doc: PdfDocument, count: number): Block => ({
  height: count * 18 + 4,
  draw: (y) => {
    for (let line = 1; line <= count; line++) {
      rule(doc, y + line * 18, { color: ink.line, thickness: 0.5 })
    }
  },
})

const signatures = (doc: PdfDocument, { words }: Statement): Block => {
  const gap = 14
  const width = (inner - 2 * gap) / 3
  const height = 100
  return {
    height: height + 4,
    draw: (y) => {
      for (const [index, who] of [words.master, words.agent, words.port].entries()) {
        const x = left + index * (width + gap)
        const box = { x: x + 6, width: width - 12 }
        doc.rect(x, y, width, height).lineWidth(0.7).strokeColor(ink.line).stroke()
        drawLines(doc, bilingual(who, styles.strong, styles.small), { ...box, y: y + 4 })
        for (const [label, offset] of [
          [words.name, 42],
          [words.date, 82],
        ] as const) {
          rule(doc, y + offset, { ...box, color: ink.faint, thickness: 0.5 })
          const text = `${label[0]} / ${label[1]}`
          drawLines(doc, [{ text, style: styles.small }], { ...box, y: y + offset + 2 })
        }
      }
    },
  }
}
