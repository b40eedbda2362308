import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { receiver, workspace, type Workspace } from './script.ts'

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString()

describe('the drill', () => {
  const drill = (work: Workspace, SERVICE = 'barcos') =>
    work.script('drill-newest.ts', {
      SERVICE,
      BACKUPS: join(work.folder, 'backups'),
      DRILL_SERVER_URL: 'postgresql://drill:secret@server/postgres',
    })
  const backup = async (work: Workspace, name: string, takenAt: string): Promise<void> => {
    await work.write(`backups/${name}.dump`, 'dump')
    await work.write(`backups/${name}.dump.json`, JSON.stringify({ takenAt }))
  }

  it('takes the newest finished backup of the service', async () => {
    await using work = await workspace()
    await work.replace('npx', 'echo "barcos: restored in 2 s"')
    await backup(work, 'barcos-20261125T030000Z', hoursAgo(50))
    await backup(work, 'barcos-20261126T030000Z', hoursAgo(20))
    await backup(work, 'carga-20261127T030000Z', hoursAgo(1))
    await work.write('backups/barcos-20261127T030000Z.dump.part', 'not finished')
    expect(await drill(work)).toMatchObject({ exitCode: 0, output: 'barcos: restored in 2 s\n' })
    const dump = join(work.folder, 'backups/barcos-20261126T030000Z.dump')
    expect(await work.callsOf('npx')).toEqual([
      `-y pnpm@12.21.0 -s -C deploy/database drill ${dump}`,
    ])
  })

  it.each([
    ['none is there', 'carga', 'there is no finished backup of carga'],
    ['the newest is too old', 'barcos', 'older than 26 hours'],
    ['its time cannot be read', 'rutas', 'older than 26 hours'],
  ])('fails when %s', async (_, service, why) => {
    await using work = await workspace()
    await work.replace('npx', '')
    await backup(work, 'barcos-20261125T030000Z', hoursAgo(27))
    await backup(work, 'rutas-20261125T030000Z', 'yesterday')
    const { exitCode, errors } = await drill(work, service)
    expect(exitCode).toBe(1)
    expect(errors).toContain(why)
    expect(await work.callsOf('npx')).toEqual([])
  })

  it('fails when the backup cannot be lived on', async () => {
    await using work = await workspace()
    await work.replace('npx', 'echo "drill: not what was dumped" >&2; exit 1')
    await backup(work, 'barcos-20261126T030000Z', hoursAgo(1))
    const { exitCode, errors } = await drill(work)
    expect(exitCode).toBe(1)
    expect(errors).toContain('not what was dumped')
  })
})

describe('the result of a job', () => {
  const job = { SERVICE: 'barcos', ENVIRONMENT: 'staging', LINK: 'https://jenkins.example/1' }

  it.each([
    ['release', 'FAILURE', 'Release failed: barcos in staging'],
    ['rollback', 'FAILURE', 'Release failed: barcos in staging'],
    ['rehearse', 'ABORTED', 'Rehearsal: barcos in staging'],
    ['drill', 'SUCCESS', 'Restore drill: barcos'],
    ['reconcile', 'FAILURE', 'Release failed: reconcile in staging'],
  ])('of %s, %s, is told', async (ACTION, RESULT, text) => {
    await using work = await workspace()
    await using slack = await receiver([200])
    const variables = { ...job, ACTION, RESULT, SLACK_WEBHOOK_URL: slack.url }
    expect(await work.script('tell-result.ts', variables)).toMatchObject({ exitCode: 0 })
    expect(slack.received.map(({ body }) => JSON.parse(body))).toEqual([
      expect.objectContaining({ text }),
    ])
    expect(slack.received[0]?.body).toContain(`Jenkins: ${RESULT}`)
  })

  it.each(['release', 'reconcile'])('of %s is told by itself when it is good', async (ACTION) => {
    await using work = await workspace()
    await using slack = await receiver([200])
    const variables = { ...job, ACTION, RESULT: 'SUCCESS' }
    await work.script('tell-result.ts', { ...variables, SLACK_WEBHOOK_URL: slack.url })
    expect(slack.received).toEqual([])
  })
})
