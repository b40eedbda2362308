/** One line of a page of metrics. */
export type Sample = {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
  /** Trace of the request behind a bucket's newest observation. */
  traceId: string | undefined
}

/** Reads a page of metrics in OpenMetrics. */
export const samplesOf = (page: string): Sample[] =>
  page.split('\n').flatMap((line) => {
    const found = /^([a-z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?:.* # \{(.*?)\})?/i.exec(line)
    if (!found || line.startsWith('#')) return []
    const [, name = '', labels = '', value = '', exemplar = ''] = found
    return [
      {
        name,
        labels: labelsOf(labels),
        value: Number(value.replace('Inf', 'Infinity')),
        traceId: labelsOf(exemplar)['trace_id'],
      },
    ]
  })

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
