import { runCommand } from './run-command.ts'
import type { Target } from './release-command.ts'

/**
 * The image of a service's stable pods in an environment, with its digest.
 *
 * @throws when the cluster cannot be asked, or has none
 */
export const stableImage = ({ service, environment }: Target): Promise<string> =>
  runCommand(
    'kubectl',
    'get',
    'deployment',
    service,
    `--namespace=porttrack-${environment}`,
    '--output=jsonpath={.spec.template.spec.containers[0].image}',
  )
