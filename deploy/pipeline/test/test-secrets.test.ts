import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { workspace } from './script.ts'

const given = { NAMESPACE: 'porttrack-test', DB_PASSWORD: 'p"ass$(word)' }

describe('the secrets of the environment test', () => {
  it('reach the cluster by standard input', async () => {
    await using work = await workspace()
    await work.replace('kubectl', `cat >'${work.folder}/applied'`)
    expect(await work.script('test-secrets.ts', given)).toMatchObject({ exitCode: 0 })
    expect(await work.callsOf('kubectl')).toEqual([
      'apply --server-side --field-manager=porttrack-pipeline --filename=-',
    ])
    expect(JSON.parse(await readFile(join(work.folder, 'applied'), 'utf8'))).toMatchObject({
      kind: 'Secret',
      metadata: { namespace: 'porttrack-test' },
      stringData: { DB_PASSWORD: given.DB_PASSWORD },
    })
  })

  it('fail the step when the cluster refuses them, or there are none', async () => {
    await using work = await workspace()
    await work.replace('kubectl', 'cat >/dev/null; exit 3')
    expect(await work.script('test-secrets.ts', given)).toMatchObject({ exitCode: 3 })
    const { exitCode, errors } = await work.script('test-secrets.ts', { NAMESPACE: 'x' })
    expect(exitCode).toBe(1)
    expect(errors).toContain('DB_PASSWORD is missing')
  })
})
