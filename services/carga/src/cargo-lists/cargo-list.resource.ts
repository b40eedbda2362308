import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { cargoListErrors, cargoLists as kinds, listPaths } from './cargo-list.ts'
import {
  cargoListMessageRoutes,
  cargoListRoutes,
  cargoListTableRoutes,
  cargoProgressRoutes,
} from './cargo-list.routes.ts'
import { CargoListEntry, CargoProgress } from './cargo-list.schema.ts'
import { cargoListStore } from './cargo-list.store.ts'

export const cargoLists = defineResource({
  errors: [cargoListErrors],
  schemas: [CargoListEntry, CargoProgress],
  routes: (app, { database, cursors }: CargaContext) => {
    const lists = cargoListStore({ database, cursors })
    for (const list of kinds) {
      const options = { prefix: `/port-calls/:id/${listPaths[list]}`, database, lists, list }
      app.register(cargoListRoutes, options)
      app.register(cargoListTableRoutes, options)
      app.register(cargoListMessageRoutes, options)
    }
    app.register(cargoProgressRoutes, { database })
  },
})
