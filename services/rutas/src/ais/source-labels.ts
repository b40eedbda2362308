/** Sources that metrics tell apart, at most. */
const most = 50

/** What sources are called in metrics: the first fifty by name, all others together as `other`. */
export const createSourceLabels = (): ((source: string) => string) => {
  const known = new Set<string>()
  return (source) => {
    if (known.has(source)) return source
    if (known.size >= most) return 'other'
    known.add(source)
    return source
  }
}
