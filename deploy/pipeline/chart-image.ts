import { fileURLToPath } from 'node:url'
import type { Target } from './release-command.ts'
import { runCommand } from './run-command.ts'

const charts = fileURLToPath(new URL('../helm', import.meta.url))

/**
 * Makes sure that a chart takes its image from where the image to release is: a fork that pushes images of
 * its own would release those of the project that it is a fork of.
 *
 * @throws when it takes it from elsewhere, or the chart takes no such image
 */
export const checkChartImage = async (
  { service, environment }: Target,
  image: { repository: string; tag: string; digest: string },
): Promise<void> => {
  const values = `${charts}/environments/${environment}.yaml`
  const rendered = await runCommand(
    'helm',
    'template',
    service,
    `${charts}/${service}`,
    `--values=${values}`,
    `--set-string=image.tag=${image.tag},image.digest=${image.digest}`,
  )
  const taken = /^\s+(?:- )?image: "?([^\s"]+?):/m.exec(rendered)?.[1]
  if (taken !== image.repository) {
    throw new Error(
      `${environment} takes images from ${taken}, and this one is in ${image.repository}: set image.registry in deploy/helm/environments/${environment}.yaml`,
    )
  }
}
