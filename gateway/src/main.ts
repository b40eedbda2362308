import { runService } from '@porttrack/shared/service/run-service'
import { gateway } from './service.ts'
await runService(gateway)
