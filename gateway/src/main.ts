import { setFlagsFromString } from 'node:v8'
import { runService } from '@porttrack/shared/service/run-service'
import { gateway } from './service.ts'

// V8 learns from its first, small collections that what a request is made of survives them, and then
// makes such objects in the old space, where each dead one keeps whole requests alive until the next
// large collection. Never so, the gateway serves a fifth more requests a second: see bench/README.md.
setFlagsFromString('--no-allocation-site-pretenuring')

await runService(gateway)
