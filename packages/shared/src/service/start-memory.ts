import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives back the memory that starting took. Modules, schemas and validators leave garbage and a young
 * generation that grew with it; V8 keeps both until there is a reason to collect all of the heap,
 * which a process at rest does not give. Only a collection for want of memory shrinks the young
 * generation too (`bench/README.md` has the figures).
 *
 * Nothing else runs meanwhile, for 0.1 to 0.3 s: it is for the moment before a process listens.
 */
export const releaseStartMemory = (): void => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
