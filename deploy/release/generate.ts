import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { helmTemplate } from './helm-template.ts'

/** Writes what is made from the analysis; a test fails when it is stale. */
const path = fileURLToPath(new URL('../helm/service/templates/_analysis.tpl', import.meta.url))
await mkdir(dirname(path), { recursive: true })
await writeFile(path, helmTemplate())
