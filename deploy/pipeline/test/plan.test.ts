import { describe, expect, it } from 'vitest'
import { workspace, type Workspace } from './script.ts'

/** A small repository of the same shape: barcos uses the kit, carga uses nothing. */
const repository = async (): Promise<Workspace & { first: string }> => {
  const work = await workspace()
  await work.write(
    'package.json',
    '{ "name": "root", "private": true, "packageManager": "pnpm@12.0.0" }',
  )
  await work.write(
    'pnpm-workspace.yaml',
    'packages:\n  - packages/*\n  - services/*\n  - chatops\n',
  )
  await work.write('turbo.json', '{ "tasks": { "build": {} } }')
  await work.write(
    'packages/shared/package.json',
    '{ "name": "@porttrack/shared", "version": "0.0.0" }',
  )
  const barcos = {
    name: '@porttrack/barcos',
    version: '1.1.0',
    dependencies: { '@porttrack/shared': 'workspace:*' },
  }
  await work.write('services/barcos/package.json', JSON.stringify(barcos))
  await work.write(
    'services/carga/package.json',
    '{ "name": "@porttrack/carga", "version": "2.0.0" }',
  )
  await work.write(
    'chatops/package.json',
    '{ "name": "@porttrack/chatops", "version": "0.1.0", "dependencies": { "@porttrack/shared": "workspace:*" } }',
  )
  return Object.assign(work, { first: await work.commit('Begin') })
}

const plan = async (
  work: Workspace,
  SERVICE: string,
  BASE: string,
): Promise<Record<string, string>> => {
  const { exitCode, errors } = await work.script('plan.ts', { ...github, SERVICE, BASE })
  expect(errors).toBe('')
  expect(exitCode).toBe(0)
  return await work.outputs()
}

const github = {
  ATTEMPT: '7',
  REPETITION: '1',
  REGISTRY: 'ghcr.io',
  GITHUB_REPOSITORY: 'Example/PortTrack',
}

describe('what a push means for a service', () => {
  it('is a version, the tags of its image, and that it is affected by its own files', async () => {
    await using work = await repository()
    await work.write('services/barcos/src/main.ts', '// changed')
    const commit = await work.commit('Change barcos')
    expect(await plan(work, 'barcos', work.first)).toEqual({
      affected: 'true',
      images: 'ghcr.io/example/porttrack',
      version: '1.1.0',
      canary: 'v1.1.0-canary.7',
      tags: `v1.1.0-canary.7 v1.1-canary sha-${commit.slice(0, 12)}`,
    })
    expect(await plan(work, 'carga', work.first)).toMatchObject({ affected: 'false' })
  })

  it.each([
    ['packages/shared/src/a.ts', 'true', 'false'],
    ['deploy/image/Dockerfile', 'true', 'true'],
    ['deploy/helm/service/values.yaml', 'true', 'true'],
    ['deploy/helm/environments/prod.yaml', 'true', 'true'],
    ['deploy/helm/carga/values.yaml', 'false', 'true'],
    ['deploy/pipeline/release.ts', 'true', 'true'],
    ['.github/workflows/_plan.yml', 'true', 'true'],
    ['.github/workflows/barcos.yml', 'true', 'false'],
    ['docs/errors.md', 'false', 'false'],
  ])('of %s: barcos %s, carga %s', async (path, barcos, carga) => {
    await using work = await repository()
    await work.write(path, '# changed')
    await work.commit('Change')
    expect(await plan(work, 'barcos', work.first)).toMatchObject({ affected: barcos })
    expect(await plan(work, 'carga', work.first)).toMatchObject({ affected: carga })
  })

  it.each([
    ['packages/shared/src/a.ts', 'true'],
    ['chatops/chart/values.yaml', 'true'],
    ['deploy/image/Dockerfile', 'true'],
    ['.github/workflows/chatops.yml', 'true'],
    ['deploy/helm/service/values.yaml', 'false'],
    ['deploy/release/release.ts', 'false'],
    ['services/barcos/src/a.ts', 'false'],
  ])('of %s: the bot %s', async (path, chatops) => {
    await using work = await repository()
    await work.write(path, '# changed')
    await work.commit('Change')
    expect(await plan(work, 'chatops', work.first)).toMatchObject({
      affected: chatops,
      version: '0.1.0',
      canary: 'v0.1.0-canary.7',
    })
  })

  it('is that it is affected where the base is not known', async () => {
    await using work = await repository()
    expect(await plan(work, 'barcos', '0'.repeat(40))).toMatchObject({ affected: 'true' })
  })

  it('is an image of its own when the run is repeated', async () => {
    await using work = await repository()
    const variables = { ...github, SERVICE: 'barcos', BASE: work.first, REPETITION: '2' }
    await work.script('plan.ts', variables)
    expect(await work.outputs()).toMatchObject({ canary: 'v1.1.0-canary.7.2' })
  })

  it('is the next patch after what was released', async () => {
    await using work = await repository()
    await work.git('tag', 'barcos/v1.1.0')
    await work.git('tag', 'carga/v1.1.8')
    expect(await plan(work, 'barcos', work.first)).toMatchObject({ version: '1.1.1' })
  })

  it.each([
    [{ SERVICE: 'barcos' }, 'BASE is missing'],
    [{ SERVICE: 'nothing', BASE: 'HEAD' }, '"nothing" has no image'],
    [{ SERVICE: 'barcos', BASE: 'HEAD', ATTEMPT: 'x' }, 'is no attempt'],
  ])('is refused with %o', async (variables, why) => {
    await using work = await repository()
    const { exitCode, errors } = await work.script('plan.ts', { ...github, ...variables })
    expect(exitCode).toBe(1)
    expect(errors).toContain(why)
  })
})
