import { describe, expect, it } from 'vitest'
import { workspace } from './script.ts'

const image = 'ghcr.io/example/porttrack/barcos'
const digest = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`
const inspect = (tag: string): string =>
  `buildx imagetools inspect ${image}:${tag} --format {{.Manifest.Digest}}`

/** Docker's command as it answers for a registry in which these tags are. */
const registry = (tags: Record<string, string>): string =>
  [
    'case "$*" in',
    ...Object.entries(tags).map(([tag, is]) => `"${inspect(tag)}") echo ${is} ;;`),
    '*inspect*) echo "ERROR: $4: not found" >&2; exit 1 ;;',
    'esac',
  ].join('\n')

describe('promoting an image', () => {
  const promotion = { SERVICE: 'barcos', IMAGE: image, DIGEST: digest, VERSION: '1.1.0' }

  it('retags the digest that was measured', async () => {
    await using work = await workspace()
    await work.commit('Begin')
    await work.git('tag', 'barcos/v1.0.3')
    await work.replace('docker', registry({}))
    expect(await work.script('promote-image.ts', promotion)).toMatchObject({ exitCode: 0 })
    const tags = ['v1.1.0', 'v1.1', 'v1'].map((tag) => `--tag=${image}:${tag}`).join(' ')
    expect(await work.callsOf('docker')).toEqual([
      inspect('v1.1.0'),
      `buildx imagetools create ${tags} ${image}@${digest}`,
    ])
  })

  it('may run again, and leaves a released version what it was', async () => {
    await using work = await workspace()
    await work.replace('docker', registry({ 'v1.1.0': digest }))
    expect(await work.script('promote-image.ts', promotion)).toMatchObject({ exitCode: 0 })

    await work.replace('docker', registry({ 'v1.1.0': other }))
    const { exitCode, errors } = await work.script('promote-image.ts', promotion)
    expect(exitCode).toBe(1)
    expect(errors).toContain(`was released as ${other}`)
    const created = (await work.callsOf('docker')).filter((call) => call.includes(' create '))
    expect(created).toHaveLength(1)
  })

  it('does nothing when the registry cannot be asked', async () => {
    await using work = await workspace()
    await work.replace('docker', 'echo "ERROR: 503 Service Unavailable" >&2; exit 1')
    const { exitCode, errors } = await work.script('promote-image.ts', promotion)
    expect(exitCode).toBe(1)
    expect(errors).toContain('503 Service Unavailable')
    expect(await work.callsOf('docker')).toEqual([inspect('v1.1.0')])
  })

  it.each(['v1.1.0', 'sha256:abc', `${digest} --tag=x`])(
    'refuses "%s" as a digest',
    async (DIGEST) => {
      await using work = await workspace()
      await work.replace('docker', registry({}))
      const { exitCode, errors } = await work.script('promote-image.ts', { ...promotion, DIGEST })
      expect(exitCode).toBe(1)
      expect(errors).toContain('is no digest')
    },
  )
})

describe('the tags of a build', () => {
  const build = { IMAGE: image, DIGEST: digest, TAGS: 'v1.1.0-canary.3 v1.1-canary' }

  it('are given to its digest', async () => {
    await using work = await workspace()
    await work.replace('docker', registry({ 'v1.1-canary': other }))
    expect(await work.script('tag-image.ts', build)).toMatchObject({ exitCode: 0 })
    expect(await work.callsOf('docker')).toEqual([
      inspect('v1.1.0-canary.3'),
      `buildx imagetools create --tag=${image}:v1.1.0-canary.3 --tag=${image}:v1.1-canary ${image}@${digest}`,
    ])
  })

  it('leave what one attempt stands for as it is', async () => {
    await using work = await workspace()
    await work.replace('docker', registry({ 'v1.1.0-canary.3': other }))
    const { exitCode, errors } = await work.script('tag-image.ts', build)
    expect(exitCode).toBe(1)
    expect(errors).toContain(`${image}:v1.1.0-canary.3 is ${other}`)
    expect(await work.callsOf('docker')).toEqual([inspect('v1.1.0-canary.3')])

    await work.replace('docker', registry({ 'v1.1.0-canary.3': digest }))
    expect(await work.script('tag-image.ts', build)).toMatchObject({ exitCode: 0 })
  })
})

describe('tagging a release', () => {
  const variables = {
    SERVICE: 'barcos',
    IMAGE: image,
    DIGEST: digest,
    VERSION: '1.1.0',
    GITHUB_REPOSITORY: 'example/porttrack',
  }

  it('tags the commit that the image was built from, once', async () => {
    await using work = await workspace()
    const built = await work.commit('Build this')
    await work.commit('Go on')
    await work.replace('docker', `echo ${built}`)
    await work.replace('gh', '')
    expect(await work.script('tag-release.ts', variables)).toMatchObject({ exitCode: 0 })
    expect(await work.callsOf('gh')).toEqual([
      `api repos/example/porttrack/git/refs --field ref=refs/tags/barcos/v1.1.0 --field sha=${built}`,
    ])

    await work.git('tag', 'barcos/v1.1.0', built)
    expect(await work.script('tag-release.ts', variables)).toMatchObject({ exitCode: 0 })
    expect(await work.callsOf('gh')).toHaveLength(1)
  })

  it('refuses to move a tag, or to tag what names no commit', async () => {
    await using work = await workspace()
    const built = await work.commit('Build this')
    await work.git('tag', 'barcos/v1.1.0', await work.commit('Go on'))
    await work.replace('gh', '')
    await work.replace('docker', `echo ${built}`)
    const moved = await work.script('tag-release.ts', variables)
    expect(moved.exitCode).toBe(1)
    expect(moved.errors).toContain(`not of ${built}`)

    await work.replace('docker', 'echo unknown')
    expect((await work.script('tag-release.ts', variables)).errors).toContain('names no commit')
    expect(await work.callsOf('gh')).toEqual([])
  })
})

describe('finding an image', () => {
  it.each([
    ['1.1.0', 'v1.1.0', '1.1.0'],
    ['v1.1.0', 'v1.1.0', '1.1.0'],
    ['v1.1.0-canary.3', 'v1.1.0-canary.3', '1.1.0'],
    ['1.1.0-canary.3.2', 'v1.1.0-canary.3.2', '1.1.0'],
  ])('by %s', async (VERSION, tag, version) => {
    await using work = await workspace()
    await work.replace('docker', registry({ [tag]: digest }))
    await work.script('find-image.ts', { IMAGE: image, VERSION })
    expect(await work.outputs()).toEqual({ digest, tag, version })
  })

  it.each([
    ['9.9.9', `there is no ${image}:v9.9.9`],
    ['latest', '"latest" is no version'],
    ['1.1.0 --x', 'is no version'],
  ])('refuses %s', async (VERSION, why) => {
    await using work = await workspace()
    await work.replace('docker', registry({}))
    const { exitCode, errors } = await work.script('find-image.ts', { IMAGE: image, VERSION })
    expect(exitCode).toBe(1)
    expect(errors).toContain(why)
  })
})

describe('pushing what was built', () => {
  const GITHUB_SHA = '0123456789abcdef0123456789abcdef01234567'
  const variables = { LAYOUT: 'layout', IMAGE: image, GITHUB_SHA }
  const skopeo = (prints: string): string =>
    `for argument; do case $argument in
      --digestfile=*) echo '${prints}' >"\${argument#--digestfile=}" ;;
    esac; done`

  it('names its commit and gives its digest', async () => {
    await using work = await workspace()
    await work.replace('skopeo', skopeo(digest))
    expect(await work.script('push-image.ts', variables)).toMatchObject({ exitCode: 0 })
    expect(await work.outputs()).toEqual({ digest })
    const [call] = await work.callsOf('skopeo')
    expect(call).toMatch(/^copy --preserve-digests --digestfile=\S+ oci:layout docker:\S+$/)
    expect(call).toContain(` docker://${image}:sha-0123456789ab`)
  })

  it('is not done where the registry gave no digest', async () => {
    await using work = await workspace()
    await work.replace('skopeo', skopeo('unauthorized'))
    const { exitCode, errors } = await work.script('push-image.ts', variables)
    expect(exitCode).toBe(1)
    expect(errors).toContain('is no digest')
  })
})
