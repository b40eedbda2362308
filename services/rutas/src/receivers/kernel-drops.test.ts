import { expect, it } from 'vitest'
import { dropsOf } from './kernel-drops.ts'

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  320: 00000000:277E 00000000:0000 07 00000000:00034B00 00:00000000 00000000  1000        0 54321 2 0000000000000000 17
  321: 0100007F:277E 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 54322 2 0000000000000000 3
  322: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 12345 2 0000000000000000 400
`

it('adds up what the sockets of a port lost, and of no other', () => {
  expect(dropsOf(table, 10_110)).toBe(20)
  expect(dropsOf(table, 53)).toBe(400)
  expect(dropsOf(table, 54)).toBe(0)
  expect(dropsOf('', 53)).toBe(0)
})
