import { runService } from '@porttrack/shared/service/run-service'
import { rutas } from './service.ts'
await runService(rutas)
