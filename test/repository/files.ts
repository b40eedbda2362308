import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Names of folders that no commit holds, wherever they are: Git's own and what .gitignore lists. */
const made = new Set([
  '.git',
  ...readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .flatMap((line) => /([^/*]+)\/$/.exec(line)?.[1] ?? []),
])

/** Every file below `folder`, as a path from the repository's root; none where there is no such folder. */
export const filesBelow = (folder = ''): string[] =>
  !existsSync(join(root, folder))
    ? []
    : readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isDirectory()) return made.has(entry.name) ? [] : filesBelow(path)
        return entry.isFile() ? [path] : []
      })

/** The names of the folders in `folder` that hold a file: Git knows no empty ones. */
export const foldersIn = (folder = ''): string[] => [
  ...new Set(
    filesBelow(folder)
      .map((path) => path.slice(folder === '' ? 0 : folder.length + 1).split('/'))
      .flatMap(([first, ...rest]) => (first !== undefined && rest.length > 0 ? [first] : [])),
  ),
]

/** Whether a commit would hold this file, or this folder with something in it. */
export const isPresent = (path: string): boolean => {
  const name = path.replace(/\/$/, '')
  const target = join(root, name)
  if (!existsSync(target)) return false
  return filesBelow(parentOf(name)).some((each) => each === name || each.startsWith(`${name}/`))
}

const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/')

/** The text of a file, or null for one that is not text. */
export const textOf = (path: string): string | null => {
  const bytes = readFileSync(join(root, path))
  return bytes.includes(0) ? null : bytes.toString('utf8')
}
