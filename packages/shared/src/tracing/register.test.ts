import { isSpanContextValid } from '@opentelemetry/api'
import { expect, it } from 'vitest'
import { registerTracing, tracer } from './register.ts'

it('gives requests a trace id without recording, where spans go nowhere', async () => {
  const stop = registerTracing({ service: 'notes', version: 'test', sampleRatio: 1 })
  const span = tracer().startSpan('request')
  expect(isSpanContextValid(span.spanContext())).toBe(true)
  expect(span.isRecording()).toBe(false)
  await stop()
})
