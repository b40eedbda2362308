import { runService } from '@porttrack/shared/service/run-service'
import { carga } from './service.ts'
await runService(carga)
