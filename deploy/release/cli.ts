import { hostname, userInfo } from 'node:os'
import { Cluster } from './cluster.ts'
import { readCommandLine, type Request, usage, UsageError } from './command-line.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { Prometheus } from './prometheus.ts'
import {
  plan,
  planReconcile,
  planRollback,
  reconcile,
  release,
  rollBackByHand,
  status,
} from './release.ts'
import { type Context, reasonOf, RefusedError, StepError } from './release-context.ts'
import { graceWithin } from './release-lock.ts'
import { reportTo } from './report.ts'

const main = async (args: readonly string[]): Promise<ExitCode> => {
  let request: Request | null
  try {
    request = readCommandLine(args, process.env)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${usage}`)
    return exitCodes.usage
  }
  if (request === null) {
    process.stdout.write(usage)
    return exitCodes.done
  }
  const context = contextOf(request)
  try {
    return await act(request, context)
  } catch (error) {
    if (error instanceof RefusedError) {
      context.report('refused', `nothing was changed: ${error.message}`, { why: error.message })
      return exitCodes.usage
    }
    // What changes anything answers for itself: only looking can fail here.
    context.report('refused', `nothing was changed: ${reasonOf(error)}`, { why: reasonOf(error) })
    return exitCodes.notBegun
  }
}

const act = (request: Request, context: Context): Promise<ExitCode> => {
  const { action, image, dryRun } = request
  switch (action) {
    case 'release':
      if (image === null) throw new Error('a release without an image')
      return dryRun ? plan(context, image) : release(context, image)
    case 'reconcile':
      return dryRun ? planReconcile(context) : reconcile(context)
    case 'rollback':
      return dryRun
        ? planRollback(context, request.revision)
        : rollBackByHand(context, request.revision)
    case 'status':
      return status(context)
  }
}

const contextOf = (request: Request): Context => {
  const { service, environment, settings, json } = request
  const { helmTimeout, rollbackTimeout, lockDuration } = settings
  const report = reportTo(process, { json, service, environment })
  const run = `${userInfo().username}@${hostname()}/${process.pid}-${Date.now().toString(36)}`
  const grace = graceWithin(lockDuration)
  return {
    service,
    environment,
    settings,
    report,
    changesShared: request.changesShared,
    cluster: new Cluster({ service, environment }, { run, helmTimeout, rollbackTimeout, grace }),
    prometheus: new Prometheus(request.prometheus),
    run,
    interrupted: interruption(report),
  }
}

/** Signals break a step off once; a rollback under way goes on. */
const interruption = (report: Context['report']): AbortSignal => {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) report('trouble', `${name}: the end is under way already`)
      controller.abort(new StepError(`it was interrupted by ${name}`))
    })
  }
  // Whoever reads the output may be gone; the release still ends in good order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return controller.signal
}

process.exitCode = await main(process.argv.slice(2))
