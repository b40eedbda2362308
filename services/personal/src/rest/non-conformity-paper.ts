import type { Readable } from 'node:stream'
import { inLanguage, type Language, type Text } from '@porttrack/shared/http/language'
import {
  type Bilingual,
  fieldBlocks,
  note,
  printedPaper,
  sectionHead,
  table,
} from '@porttrack/shared/paper/paper'
import { readableTimeAt } from '@porttrack/shared/time/local-time'
import type { NonConformity } from './rest-assessment.schema.ts'
import { durationText, ruleText } from './rest-texts.ts'

/** What the paper tells: the non-conformities of a period, found among so many people. */
export type Assessed = {
  language: Language
  /** IANA zone of the port, by whose clock times are printed. */
  timeZone: string
  from: string
  to: string
  assessed: number
  items: readonly NonConformity[]
}

const words = {
  title: { en: 'Non-conformities of rest', es: 'Incumplimientos del descanso' },
  issued: { en: 'Issued', es: 'Expedida' },
  page: { en: 'Page', es: 'Página' },
  of: { en: 'of', es: 'de' },
  period: { en: 'Period', es: 'Período' },
  timeZone: { en: 'Time zone', es: 'Zona horaria' },
  people: { en: 'People assessed', es: 'Personas evaluadas' },
  found: { en: 'Non-conformities', es: 'Incumplimientos' },
  exempt: { en: 'Of these exempt', es: 'De ellos exentos' },
  rules: { en: 'Rules', es: 'Normas' },
  list: { en: 'Found', es: 'Encontrados' },
  none: { en: 'Every rule was kept.', es: 'Se cumplieron todas las normas.' },
  person: { en: 'Person', es: 'Persona' },
  rule: { en: 'Rule', es: 'Norma' },
  window: { en: 'From, to', es: 'Desde, hasta' },
  had: { en: 'Found', es: 'Hallado' },
  asked: { en: 'Asked for', es: 'Exigido' },
  remark: { en: 'Remark', es: 'Observación' },
  emergency: { en: 'Emergency: exempt', es: 'Emergencia: exento' },
} as const satisfies Record<string, Text>

/**
 * The list of non-conformities as PDF, for the file and for whoever inspects it (MLC A2.3, standard 12).
 * The same list and time of issue give the same bytes.
 */
export const nonConformityPaper = (given: Assessed, issuedAt: Date): Promise<Readable> => {
  const { language, timeZone, from, to, items } = given
  const both = ({ en, es }: Text): Bilingual => (language === 'es' ? [es, en] : [en, es])
  const clock = (time: string): string => readableTimeAt(timeZone, new Date(time))
  const period = `${clock(from)} – ${clock(to)}`
  const heading = {
    language,
    title: both(words.title),
    name: `${clock(from).slice(0, 10)} – ${clock(to).slice(0, 10)}`,
    reference: timeZone,
    words: { issued: both(words.issued), page: both(words.page), of: both(words.of) },
  }
  const bound = ({ bound: which }: NonConformity): string =>
    inLanguage(
      which === 'least' ? { en: 'at least', es: 'mínimo' } : { en: 'at most', es: 'máximo' },
      language,
    )
  return printedPaper(heading, issuedAt, (doc) => {
    const lines = table(doc, [
      { label: both(words.person), width: 0.14 },
      { label: both(words.rule), width: 0.28 },
      { label: both(words.window), width: 0.22 },
      { label: both(words.had), width: 0.1 },
      { label: both(words.asked), width: 0.12 },
      { label: both(words.remark), width: 0.14 },
    ])
    return [
      ...fieldBlocks(doc, [
        { label: both(words.period), value: period },
        { label: both(words.timeZone), value: timeZone },
        { label: both(words.people), value: String(given.assessed) },
        { label: both(words.found), value: String(items.length) },
        {
          label: both(words.exempt),
          value: String(items.filter(({ exempt }) => exempt).length),
        },
        { label: both(words.rules), value: 'STCW A-VIII/1, MLC A2.3, 2003/88/EC' },
      ]),
      sectionHead(doc, both(words.list)),
      ...(items.length === 0
        ? [note(doc, both(words.none))]
        : [
            lines.head,
            ...items.map((item) =>
              lines.row([
                [item.personnelNumber],
                both(ruleText(item.rule)),
                [clock(item.from), clock(item.to)],
                [durationText(item.foundMinutes)],
                [durationText(item.limitMinutes), bound(item)],
                item.exempt ? both(words.emergency) : [],
              ]),
            ),
          ]),
    ]
  })
}
