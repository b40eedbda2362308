import { describe, expect, it } from 'vitest'
import { workspace, type Workspace } from './script.ts'

const previous = (work: Workspace, SERVICE = 'barcos') =>
  work.script('test-previous.ts', { SERVICE })

/** barcos as released twice, with a migration that is newer than both. */
const released = async (): Promise<Workspace> => {
  const work = await workspace()
  await work.write('services/barcos/prisma/migrations/1_begin/migration.sql', 'one')
  await work.write('services/barcos/src/main.ts', 'released')
  await work.commit('Begin')
  await work.git('tag', 'barcos/v1.0.0')
  await work.git('tag', 'barcos/v0.9.0')
  await work.write('services/barcos/prisma/migrations/2_expand/migration.sql', 'two')
  await work.write('packages/shared/migrations/1_kit/migration.sql', 'kit')
  await work.write('services/barcos/src/main.ts', 'new')
  await work.commit('Expand')
  return work
}

describe('the tests of the release before', () => {
  it('run with its code on the new migrations', async () => {
    await using work = await released()
    const show = 'find . -type f -not -path "./.git*" | sort; cat services/barcos/src/main.ts'
    await work.replace('npx', show)
    const { exitCode, output } = await previous(work)
    expect(exitCode).toBe(0)
    expect(output).toContain('barcos/v1.0.0 on the schema of this commit')
    for (const path of [
      './services/barcos/prisma/migrations/1_begin/migration.sql',
      './services/barcos/prisma/migrations/2_expand/migration.sql',
      './packages/shared/migrations/1_kit/migration.sql',
    ]) {
      expect(output).toContain(path)
    }
    expect(output).toContain('released')
    expect(await work.callsOf('npx')).toEqual([
      '-y pnpm@12.21.0 install --frozen-lockfile',
      '-y pnpm@12.21.0 exec turbo run test --filter=@porttrack/barcos',
    ])
    expect(await work.git('worktree', 'list')).not.toContain('previous-')
  })

  it('fail the step when they fail', async () => {
    await using work = await released()
    await work.replace('npx', 'case "$*" in *test*) exit 2 ;; esac')
    expect(await previous(work)).toMatchObject({ exitCode: 2 })
    expect(await work.git('worktree', 'list')).not.toContain('previous-')
  })

  it.each([
    ['carga', 'nothing was released yet'],
    ['gateway', 'no database'],
  ])('of %s: %s', async (service, why) => {
    await using work = await released()
    await work.git('tag', 'gateway/v1.0.0')
    await work.replace('npx', 'exit 2')
    const { exitCode, output } = await previous(work, service)
    expect(exitCode).toBe(0)
    expect(output).toContain(why)
  })
})
