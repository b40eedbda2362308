import {
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WatchedFile } from './watched-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watched-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const watch = (path: string) => {
  const faults: unknown[] = []
  const parse = (text: string): number => {
    if (!/^\d+$/.test(text)) throw new Error('no number')
    return Number(text)
  }
  const file = new WatchedFile(path, { parse, onFault: (error) => faults.push(error) })
  return { file, faults, now: () => expect.poll(() => file.current(), { interval: 100 }) }
}

describe('a watched file', () => {
  it('is read again when it is written, or replaced behind a symbolic link', async () => {
    const [first, second, link] = ['a', 'b', 'link'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(first, '1')
    writeFileSync(second, '3')
    symlinkSync(first, link)
    const { file, now } = watch(link)
    expect(file.current()).toBe(1)
    writeFileSync(first, '2')
    await now().toBe(2)
    symlinkSync(second, `${link}.new`)
    renameSync(`${link}.new`, link)
    await now().toBe(3)
  })

  it('leaves the value as it was while it is broken or gone, and tells of it once', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, '1')
    const { file, faults, now } = watch(path)
    writeFileSync(path, 'half a')
    await expect.poll(() => [file.current(), faults.length], { interval: 100 }).toEqual([1, 1])
    unlinkSync(path)
    await expect.poll(() => [file.current(), faults.length], { interval: 100 }).toEqual([1, 2])
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect([file.current(), faults.length]).toEqual([1, 2])
    writeFileSync(path, '5')
    await now().toBe(5)
  })

  it('is left alone while it is being written, whatever the clock says of when that was', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, '1')
    const { file, faults, now } = watch(path)
    writeFileSync(path, '12')
    const until = performance.now() + 2_500
    while (performance.now() < until) {
      utimesSync(path, new Date(), new Date())
      expect(file.current()).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await now().toBe(12)
    writeFileSync(path, '123')
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(path, tomorrow, tomorrow)
    await now().toBe(123)
    expect(faults).toEqual([])
  })

  it('must be usable at the start', () => {
    expect(() => watch(join(folder, 'none'))).toThrow('ENOENT')
    writeFileSync(join(folder, 'text'), 'text')
    expect(() => watch(join(folder, 'text'))).toThrow('no number')
  })
})
