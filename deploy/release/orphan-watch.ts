import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

/**
 * What watches: reads `+ N` for each process group that begins and `- N` for each that has ended, and
 * kills those that are left at the end of its input, which is the end of whoever writes it.
 */
const watcher = `
trap '' HUP INT TERM
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

const groups = new Set<number>()
let input: Writable | null = null

/**
 * Has the programs of a process group end with this process, though it be killed outright: a helm in
 * the middle of a change would go on with nobody to watch what comes of it.
 *
 * @returns what is to be called once they have ended by themselves
 */
export const endWithThisProcess = (group: number): (() => void) => {
  groups.add(group)
  if (input === null) start()
  else input.write(`+ ${group}\n`)
  return () => {
    groups.delete(group)
    input?.write(`- ${group}\n`)
  }
}

const start = (): void => {
  const child = spawn('sh', ['-c', watcher], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const pipe = child.stdin
  pipe.on('error', () => undefined)
  input = pipe
  for (const group of groups) pipe.write(`+ ${group}\n`)
  // It keeps nobody from ending, and is replaced when somebody has ended it.
  child.unref()
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
  child
    .once('error', () => undefined)
    .once('exit', () => {
      input = null
      if (groups.size > 0) start()
    })
}
