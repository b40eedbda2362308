import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { answerProblems } from '../http/problem.ts'
import { shedLoad } from './shed-load.ts'

it('refuses requests while the event loop is late, and serves them again after', async () => {
  const app = Fastify()
  app.decorate('contracts', [])
  answerProblems(app)
  await shedLoad(app, 0.2)
  app.get('/', () => 'served')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const status = async () => (await app.inject('/')).statusCode
  // What the start itself takes does not count.
  await sleep(2_500)
  await expect.poll(status).toBe(200)

  let busy = true
  const burn = () => {
    const until = performance.now() + 400
    while (performance.now() < until);
    if (busy) setImmediate(burn)
  }
  burn()
  await expect.poll(status, { interval: 20 }).toBe(503)
  busy = false
  await expect.poll(status).toBe(200)
  await app.close()
})
