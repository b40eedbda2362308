import { spawn } from 'node:child_process'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is scraped: an address and the labels that a ServiceMonitor gives its series. */
type Target = { address: string; labels: Record<string, string> }

export type PrometheusServer = AsyncDisposable & {
  url: string
  scrape: (targets: readonly Target[]) => Promise<void>
}

type Options = {
  /** More of its configuration, such as rules. */
  settings?: object
  /** More of its command line. */
  flags?: readonly string[]
}

/** Starts the real thing, which scrapes twice a second. */
export const startPrometheus = async (
  folder: string,
  port: number,
  { settings: more = {}, flags = [] }: Options = {},
): Promise<PrometheusServer> => {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'targets.json')
  const scrape = async (targets: readonly Target[]): Promise<void> => {
    const groups = targets.map(({ address, labels }) => ({ targets: [address], labels }))
    await writeFile(`${file}.next`, JSON.stringify(groups))
    await rename(`${file}.next`, file)
  }
  await scrape([])
  const job = { job_name: 'pods', honor_labels: true, file_sd_configs: [{ files: [file] }] }
  const settings = { global: { scrape_interval: '500ms' }, scrape_configs: [job], ...more }
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(settings))
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
      ...flags,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('close', () => resolve())
  })
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    const ready = await Promise.race([
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
      ended.then(() => {
        throw new Error('Prometheus did not start')
      }),
    ])
    if (ready) break
    await sleep(100)
  }
  return {
    url,
    scrape,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
