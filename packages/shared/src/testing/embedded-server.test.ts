import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('leaves the exit code to the tests that used the server', () => {
  const module = new URL('embedded-server.ts', import.meta.url).href
  const script = `
    import { startEmbeddedServer } from '${module}'
    const server = await startEmbeddedServer()
    await server.stop()
    process.exitCode = 3
  `
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  })
  expect(run).toMatchObject({ status: 3, stderr: '' })
})
