import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
const POSITION = '!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A'

function start(...args: string[]) {
  const child = spawn(process.execPath, [cli, ...args])
  child.stdin.on('error', () => {})
  return child
}

async function run(args: readonly string[], input: string) {
  const child = start(...args)
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdin.end(input)
  await once(child, 'close')
  return { code: child.exitCode, output, errors }
}

describe('ais decode', () => {
  it('prints a JSON object a message, and what it rejects to standard error', async () => {
    const lines = [
      '$GPGLL,5250.53669,N,00542.34920,E,213950.00,A,A*67',
      `\\s:rx1,c:1700000000*01\\${POSITION}`,
      POSITION.replace('*4A', '*4B'),
      '!AIVDM,2,1,9,B,55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD,0*2A',
      '!AIVDM,2,2,9,B,`88888888888880,2*76',
    ]
    const { code, output, errors } = await run(['decode'], lines.join('\r\n'))
    const [position, voyage] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(position).toEqual({
      type: 1,
      mmsi: '371798000',
      time: '2023-11-14T22:13:20.000Z',
      source: 'rx1',
      channel: 'A',
      own: false,
      repeat: 0,
      lat: 48.381633,
      lon: -123.395383,
      speed: 12.3,
      course: 224,
      heading: 215,
      turn: null,
      status: 0,
      statusText: 'under way using engine',
      imo: null,
      name: null,
      callSign: null,
      shipType: null,
      destination: null,
      draught: null,
      eta: null,
      accuracy: true,
      raim: false,
      second: 33,
      positioning: 'normal',
      fastTurn: 'port',
      specialManoeuvre: null,
    })
    expect(voyage).toMatchObject({
      type: 5,
      mmsi: '371255000',
      time: null,
      source: null,
      lat: null,
      imo: '9266633',
      imoValid: true,
      name: 'SEA ENTERPRISE',
      callSign: 'HP6683',
      draught: 1.4,
      destination: 'LEMMER',
      eta: null,
      etaMonth: 3,
      etaDay: 29,
      bow: 13,
      shipCategory: 'other',
    })
    expect(errors).toBe(
      'line 3: bad-checksum: the checksum does not match the sentence\n' +
        '5 lines, 2 messages, 1 rejected (bad-checksum 1), 1 ignored (not-ais 1)\n',
    )
    expect(code).toBe(0)
  })

  it('reads nothing as nothing', async () => {
    expect(await run(['decode'], '')).toEqual({
      code: 0,
      output: '',
      errors: '0 lines, 0 messages, 0 rejected, 0 ignored\n',
    })
  })

  it('explains itself', async () => {
    const { code, output } = await run(['--help'], '')
    expect(code).toBe(0)
    expect(output).toContain('Usage: ais decode')
  })

  it.each([[[]], [['encode']], [['decode', 'file.nmea']]])('refuses %j', async (args) => {
    const { code, output, errors } = await run(args, '')
    expect(code).toBe(2)
    expect(output).toBe('')
    expect(errors).toContain('Usage: ais decode')
  })

  it('ends quietly when its reader goes away', async () => {
    const child = start('decode')
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.end(`${POSITION}\n`.repeat(50_000))
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
    expect(errors).not.toContain('EPIPE')
  })

  it('stops reading while its reader does not read', async () => {
    const child = start('decode')
    const lines = `${POSITION}\n`.repeat(20_000)
    child.stdin.write(lines)
    await once(child.stdout, 'readable')
    const drained = await Promise.race([
      once(child.stdin, 'drain').then(() => true),
      new Promise((resolve) => setTimeout(resolve, 1000, false)),
    ])
    expect(drained).toBe(false)
    child.kill()
    await once(child, 'close')
  })
})
