import { runService } from '@porttrack/shared/service/run-service'
import { personal } from './service.ts'
await runService(personal)
