import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { writeAtTurnEnd } from './turn-end.ts'

const target = () => {
  const errors: Error[] = []
  return { errors, destroy: (error: Error) => errors.push(error) }
}

it('writes in the order in which it was asked, after what is done now', async () => {
  const written: string[] = []
  writeAtTurnEnd(target(), () => written.push('first'))
  writeAtTurnEnd(target(), () => written.push('second'))
  await Promise.resolve()
  expect(written).toEqual([])
  await nextTurn()
  expect(written).toEqual(['first', 'second'])
})

it('breaks off what cannot be written, and writes the others', async () => {
  const [broken, sound] = [target(), target()]
  const written: string[] = []
  writeAtTurnEnd(broken, () => {
    throw new Error('too much')
  })
  writeAtTurnEnd(sound, () => {
    written.push('sound')
    writeAtTurnEnd(sound, () => written.push('later'))
  })
  await nextTurn()
  expect(broken.errors).toMatchObject([{ message: 'too much' }])
  await nextTurn()
  expect(written).toEqual(['sound', 'later'])
  expect(sound.errors).toEqual([])
})
