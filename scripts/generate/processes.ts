import { barcos } from '../../services/barcos/src/service.ts'
import { carga } from '../../services/carga/src/service.ts'
import { gateway } from '../../gateway/src/service.ts'
import { personal } from '../../services/personal/src/service.ts'
import { rutas } from '../../services/rutas/src/service.ts'
import type { AnyService } from '@porttrack/shared/service/define-service'

export const services: readonly AnyService[] = [barcos, carga, rutas, personal]

/** Everything that runs: the services and the gateway before them. */
export const processes: readonly AnyService[] = [...services, gateway]
