import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { targetRoutes } from './target.routes.ts'
import {
  NearTarget,
  Target,
  TargetFeatures,
  TrackFeatures,
  TrackPosition,
} from './target.schema.ts'

export const targets = defineResource({
  schemas: [Target, NearTarget, TargetFeatures, TrackPosition, TrackFeatures],
  routes: (app, { targets, cursors, rules }: RutasContext) => {
    app.register(targetRoutes, { prefix: '/targets', store: targets, cursors, rules })
  },
})
