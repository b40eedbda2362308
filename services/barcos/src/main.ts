import { runService } from '@porttrack/shared/service/run-service'
import { barcos } from './service.ts'
await runService(barcos)
