import { runService } from '@porttrack/shared/service/run-service'
import { rutas } from '../src/service.ts'

// A process of its own, for tests that kill it.
await runService(rutas)
