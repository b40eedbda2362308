import { isMap, isScalar, parseDocument } from 'yaml'

type Step = { uses?: string; run?: string; with?: Record<string, unknown> }
type Concurrency = { group?: string; 'cancel-in-progress'?: unknown } | string
type Job = {
  uses?: string
  environment?: unknown
  concurrency?: Concurrency
  secrets?: unknown
  permissions?: Record<string, string> | string
  'runs-on'?: unknown
  'timeout-minutes'?: unknown
  steps?: Step[]
}
type Workflow = {
  on?: Record<string, unknown> | string[] | string
  permissions?: unknown
  concurrency?: Concurrency
  jobs?: Record<string, Job>
}

/** Events that run a stranger's change with the repository's own rights. */
const dangerousEvents = new Set(['pull_request_target', 'workflow_run', 'issue_comment'])

/** Secrets whose absence leaves a message unsent and nothing else. */
const doWithout = new Set(['SLACK_WEBHOOK_URL'])

/** Programs of npm's, each named with its version: the newest is not what was tested. */
const floating = /\bnpx (?:-\S+ )*(?!-|\S+@\d+\.\d+\.\d+(?:\s|$))/

const pinned = /^[\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40}$/

/**
 * What a GitHub workflow does against the rules: no rights by default and a reason beside each that
 * a job gets; actions pinned by commit with their version as comment, and npm's programs by version;
 * no install scripts of packages beside an environment's role; no credentials left in the checkout; no expression in a script, where its value would run as code; no script of several lines,
 * which no test could run; a limit in time, and a group in which runs wait or are replaced, and in
 * which no deployment is cut off; and no secret for what a stranger's change starts.
 */
export const faultsOf = (source: string): string[] => {
  const document = parseDocument(source)
  if (document.errors.length > 0) return document.errors.map(({ message }) => message)
  const workflow = (document.toJS() ?? {}) as Workflow
  const faults: string[] = []
  const commentAt = (path: (string | number)[]): string => {
    const node = document.getIn(path, true)
    return (isScalar(node) || isMap(node)) && node.comment ? node.comment.trim() : ''
  }

  const events = eventsOf(workflow.on)
  for (const event of events) {
    if (dangerousEvents.has(event)) faults.push(`on: ${event} is not allowed`)
  }
  if (JSON.stringify(workflow.permissions) !== '{}') faults.push('permissions: must be {} on top')
  const callable = events.length === 1 && events[0] === 'workflow_call'
  const grouped = [workflow, ...Object.values(workflow.jobs ?? {})].some(({ concurrency }) =>
    typeof concurrency === 'object' ? concurrency.group : concurrency,
  )
  if (!grouped && !callable) faults.push('concurrency: is missing')
  if (events.includes('pull_request')) {
    const names = [...source.matchAll(/\bsecrets\.(\w+)/g)].map(([, name = '']) => name)
    for (const name of new Set(names)) {
      if (!doWithout.has(name)) faults.push(`secrets.${name}: checks of a fork have none`)
    }
  }

  for (const [name, job] of Object.entries(workflow.jobs ?? {})) {
    const at = `jobs.${name}`
    const granted = job.permissions
    if (granted === undefined || typeof granted === 'string') {
      faults.push(`${at}.permissions: must list each right`)
    } else {
      for (const right of Object.keys(granted)) {
        if (commentAt(['jobs', name, 'permissions', right]) === '') {
          faults.push(`${at}.permissions.${right}: has no reason beside it`)
        }
      }
    }
    const waits =
      typeof job.concurrency === 'object' && job.concurrency['cancel-in-progress'] === false
    if (job.environment !== undefined && !waits) {
      faults.push(`${at}.concurrency.cancel-in-progress: must be false, with an environment`)
    }
    if (job.uses !== undefined) {
      faults.push(...faultsOfUse(job.uses, { at, comment: commentAt(['jobs', name, 'uses']) }))
      if (job.secrets === 'inherit') faults.push(`${at}.secrets: must be named one by one`)
      continue
    }
    if (typeof job['timeout-minutes'] !== 'number') faults.push(`${at}.timeout-minutes: is missing`)
    if (/-latest\b/.test(JSON.stringify(job['runs-on']))) {
      faults.push(`${at}.runs-on: must name a version`)
    }
    for (const [index, step] of (job.steps ?? []).entries()) {
      const place = `${at}.steps[${index}]`
      if (step.run?.includes('${{')) faults.push(`${place}.run: has an expression in a script`)
      if (step.run?.trim().includes('\n')) faults.push(`${place}.run: has several lines`)
      if (floating.test(step.run ?? '')) faults.push(`${place}.run: has a program without version`)
      const installs = / (?:install|ci)\b/.test(step.run ?? '')
      if (installs && job.environment !== undefined && !step.run?.includes('--ignore-scripts')) {
        faults.push(`${place}.run: installs with scripts, with an environment`)
      }
      if (step.uses === undefined) continue
      const comment = commentAt(['jobs', name, 'steps', index, 'uses'])
      faults.push(...faultsOfUse(step.uses, { at: place, comment }))
      const checksOut = step.uses.startsWith('actions/checkout@')
      if (checksOut && step.with?.['persist-credentials'] !== false) {
        faults.push(`${place}.with.persist-credentials: must be false`)
      }
    }
  }
  return faults
}

const faultsOfUse = (uses: string, { at, comment }: { at: string; comment: string }): string[] => {
  if (uses.startsWith('./')) return []
  if (!pinned.test(uses)) return [`${at}.uses: ${uses} is not pinned by commit`]
  return /^v\d+\.\d+\.\d+$/.test(comment) ? [] : [`${at}.uses: has no version as comment`]
}

const eventsOf = (on: Workflow['on']): string[] => {
  if (typeof on === 'string') return [on]
  return Array.isArray(on) ? on : Object.keys(on ?? {})
}

/** Every script that a workflow's steps run. */
export const scriptsOf = (source: string): string[] =>
  Object.values(((parseDocument(source).toJS() ?? {}) as Workflow).jobs ?? {}).flatMap((job) =>
    (job.steps ?? []).flatMap(({ run }) => (run === undefined ? [] : [run])),
  )
