import { defineService } from '@porttrack/shared/service/define-service'
import { Type } from 'typebox'
import { access } from './access.ts'
import { approachPlaceErrors, approachPlaceLifecycle } from './approach-places/approach-place.ts'
import { approachPlaceRoutes } from './approach-places/approach-place.routes.ts'
import { Anchorage, PilotBoardingPlace } from './approach-places/approach-place.schema.ts'
import { approachPlaceStore } from './approach-places/approach-place.store.ts'
import { berthPlanRoutes } from './berth-plan/berth-plan.routes.ts'
import { BerthPlan } from './berth-plan/berth-plan.schema.ts'
import { berthPlanStore } from './berth-plan/berth-plan.store.ts'
import { BerthSuggestions } from './berth-plan/berth-suggestion.schema.ts'
import { suggestionStore } from './berth-plan/berth-suggestion.store.ts'
import { berthConditions, berthErrors, berthLifecycle } from './berths/berth.ts'
import { berthRoutes } from './berths/berth.routes.ts'
import { Berth, BerthReservation, ClosedBerth } from './berths/berth.schema.ts'
import { berthStore } from './berths/berth.store.ts'
import { blockErrors } from './berths/block.ts'
import { blockRoutes } from './berths/block.routes.ts'
import { Block } from './berths/block.schema.ts'
import { blockStore } from './berths/block.store.ts'
import {
  clearanceErrors,
  clearanceLifecycle,
  clearancesSetting,
  requiredAuthorities,
} from './clearances/clearance.ts'
import { clearanceRoutes } from './clearances/clearance.routes.ts'
import { Clearance } from './clearances/clearance.schema.ts'
import { clearanceStore } from './clearances/clearance.store.ts'
import { departureErrors, departureLifecycle } from './clearances/departure.ts'
import { openDatabase } from './database.ts'
import { dcsaEventRoutes, portCallContract } from './dcsa/dcsa-event.routes.ts'
import { DcsaEvent } from './dcsa/dcsa-event.schema.ts'
import { dcsaEventStore } from './dcsa/dcsa-event.store.ts'
import { dcsaConditions } from './dcsa/incoming-event.ts'
import { events } from './events.ts'
import { figuresRoutes } from './figures/figures.routes.ts'
import { DayFigures, Figures } from './figures/figures.schema.ts'
import { figuresStore } from './figures/figures.store.ts'
import { metrics } from './metrics.ts'
import { timeZonesOf, timeZonesSetting } from './places/time-zone.ts'
import { decisionRoutes } from './port-calls/decision.routes.ts'
import { decisionStore } from './port-calls/decision.store.ts'
import { portCallConditions, portCallErrors, portCallLifecycle } from './port-calls/port-call.ts'
import { portCallImportRoutes } from './port-calls/port-call-import.routes.ts'
import { portCallRoutes } from './port-calls/port-call.routes.ts'
import { PortCall } from './port-calls/port-call.schema.ts'
import { portCallStore } from './port-calls/port-call.store.ts'
import { berthFitConditions } from './reservations/berth-fit.ts'
import { marginSettings, marginsOf } from './reservations/margins.ts'
import {
  occupancyConditions,
  reservationErrors,
  reservationLifecycle,
} from './reservations/reservation.ts'
import { reservationRoutes } from './reservations/reservation.routes.ts'
import { Reservation } from './reservations/reservation.schema.ts'
import { reservationStore } from './reservations/reservation.store.ts'
import { portGauges } from './port-gauges.ts'
import { rutasFeed } from './rutas-feed.ts'
import {
  serviceOrderConditions,
  serviceOrderErrors,
  serviceOrderLifecycle,
} from './service-orders/service-order.ts'
import { serviceOrderRoutes } from './service-orders/service-order.routes.ts'
import { ServiceOrder } from './service-orders/service-order.schema.ts'
import { serviceOrderStore } from './service-orders/service-order.store.ts'
import { timelineRoutes } from './timeline/timeline.routes.ts'
import { TimelineEntry } from './timeline/timeline.schema.ts'
import { timelineStore } from './timeline/timeline.store.ts'
import { matrixConditions } from './timestamps/port-call-matrix.ts'
import { portCallServiceErrors, replyConditions } from './timestamps/port-call-service.ts'
import { PortCallService } from './timestamps/port-call-service.schema.ts'
import { portCallServiceStore } from './timestamps/port-call-service.store.ts'
import { partyConditions } from './timestamps/service-parties.ts'
import { rebuildRoutes } from './timestamps/rebuild.routes.ts'
import { Rebuild } from './timestamps/rebuild.schema.ts'
import { rebuildStore } from './timestamps/rebuild.store.ts'
import {
  timestampAttachmentConditions,
  timestampAttachmentErrors,
} from './timestamps/timestamp-attachment.ts'
import { timestampRoutes } from './timestamps/timestamp.routes.ts'
import { Timestamp } from './timestamps/timestamp.schema.ts'
import { timestampStore } from './timestamps/timestamp.store.ts'
import { timestampErrors } from './timestamps/timestamp.ts'
import { vesselCertificateRoutes } from './vessel-certificates/vessel-certificate.routes.ts'
import { VesselCertificate } from './vessel-certificates/vessel-certificate.schema.ts'
import { vesselCertificateStore } from './vessel-certificates/vessel-certificate.store.ts'
import { certificateErrors } from './vessel-certificates/vessel-certificate.ts'
import { vesselConditions, vesselErrors, vesselLifecycle } from './vessels/vessel.ts'
import { vesselImportRoutes } from './vessels/vessel-import.routes.ts'
import { vesselRoutes } from './vessels/vessel.routes.ts'
import { Vessel, VesselRecord } from './vessels/vessel.schema.ts'
import { vesselStore } from './vessels/vessel.store.ts'

export const barcos = defineService({
  name: 'barcos',
  title: 'Barcos',
  description: 'Ships, berths and port calls',
  env: {
    DATABASE_URL: Type.String({ description: 'PostgreSQL database of barcos' }),
    RUTAS_URL: Type.String({ description: 'Base URL of rutas, whose event feed is read' }),
    PORT_TIME_ZONES: timeZonesSetting,
    ON_TIME_TOLERANCE_SECONDS: Type.Integer({
      default: 3_600,
      minimum: 0,
      maximum: 604_800,
      description:
        'How far from its planned or declared time a ship may arrive at its berth and still be on time',
    }),
    REQUIRED_CLEARANCES: clearancesSetting,
    CERTIFICATE_NOTICE_DAYS: Type.Integer({
      default: 60,
      minimum: 1,
      maximum: 366,
      description: 'Days before its last in which a vessel’s certificate counts as expiring',
    }),
    AIS_MOVES_STATE: Type.Boolean({
      default: false,
      description:
        'Whether what AIS sees moves the state of port calls: arrival, berthing and departure, where their conditions allow',
    }),
    ...marginSettings,
  },
  access,
  metrics,
  errors: [
    vesselErrors,
    certificateErrors,
    berthErrors,
    blockErrors,
    approachPlaceErrors,
    portCallErrors,
    clearanceErrors,
    departureErrors,
    reservationErrors,
    timestampErrors,
    timestampAttachmentErrors,
    portCallServiceErrors,
    serviceOrderErrors,
  ],
  events,
  lifecycles: [
    vesselLifecycle,
    berthLifecycle,
    approachPlaceLifecycle,
    portCallLifecycle,
    clearanceLifecycle,
    departureLifecycle,
    reservationLifecycle,
    serviceOrderLifecycle,
  ],
  conditions: [
    vesselConditions,
    berthConditions,
    portCallConditions,
    berthFitConditions,
    occupancyConditions,
    matrixConditions,
    partyConditions,
    replyConditions,
    timestampAttachmentConditions,
    serviceOrderConditions,
    dcsaConditions,
  ],
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open: ({ config, log }) => ({
    database: openDatabase({ url: config.DATABASE_URL, log }),
    timeZoneAt: timeZonesOf(config.PORT_TIME_ZONES),
  }),
  database: ({ database }) => database,
  consumes: (_opened, context) => [{ url: context.config.RUTAS_URL, consumer: rutasFeed(context) }],
  background: ({ database }, { config, metrics }) => [
    portGauges({
      figures: figuresStore({ database }),
      metrics,
      onTimeToleranceSeconds: config.ON_TIME_TOLERANCE_SECONDS,
    }),
  ],
  routes: (app, { database, timeZoneAt, config, cursors, metrics }) => {
    for (const schema of [
      Vessel,
      VesselRecord,
      VesselCertificate,
      PortCall,
      Reservation,
      BerthPlan,
      BerthSuggestions,
      Clearance,
      Timestamp,
      TimelineEntry,
      PortCallService,
      ServiceOrder,
      Rebuild,
    ])
      app.addSchema(schema)
    for (const schema of [DayFigures, Figures]) app.addSchema(schema)
    for (const schema of [Berth, BerthReservation, ClosedBerth, Block]) app.addSchema(schema)
    for (const schema of [Anchorage, PilotBoardingPlace]) app.addSchema(schema)
    const vessels = vesselStore({ database, cursors })
    const berths = berthStore({ database, cursors, timeZoneAt })
    const blocks = blockStore({ database, cursors, timeZoneAt })
    const anchorages = approachPlaceStore({ kind: 'ANCHORAGE', database, cursors })
    const pilotBoardingPlaces = approachPlaceStore({
      kind: 'PILOT_BOARDING_PLACE',
      database,
      cursors,
    })
    const portCalls = portCallStore({ database, cursors })
    const timestamps = timestampStore({ database, cursors })
    const clearances = clearanceStore({ database })
    const decisions = decisionStore({
      clearances: requiredAuthorities(config.REQUIRED_CLEARANCES),
    })
    const notice = config.CERTIFICATE_NOTICE_DAYS
    const certificates = vesselCertificateStore({ database, cursors, notice })
    app.register(vesselRoutes, { prefix: '/vessels', database, vessels, metrics })
    app.register(berthRoutes, { prefix: '/berths', database, berths })
    app.register(blockRoutes, { prefix: '/berths/:id/blocks', database, blocks })
    app.register(approachPlaceRoutes, {
      prefix: '/anchorages',
      kind: 'ANCHORAGE',
      database,
      approachPlaces: anchorages,
    })
    app.register(approachPlaceRoutes, {
      prefix: '/pilot-boarding-places',
      kind: 'PILOT_BOARDING_PLACE',
      database,
      approachPlaces: pilotBoardingPlaces,
    })
    const margins = marginsOf(config)
    const reservations = reservationStore({ database, margins, timeZoneAt })
    app.register(reservationRoutes, { database, reservations, metrics })
    app.register(berthPlanRoutes, {
      plans: berthPlanStore({ database, timeZoneAt }),
      suggestions: suggestionStore({ database, margins, timeZoneAt }),
    })
    app.register(vesselImportRoutes, { prefix: '/vessels', database, metrics })
    app.register(vesselCertificateRoutes, { database, certificates })
    app.register(portCallRoutes, { prefix: '/port-calls', database, portCalls, metrics })
    app.register(portCallImportRoutes, { prefix: '/port-calls', database, metrics })
    app.register(decisionRoutes, { prefix: '/port-calls', database, decisions, metrics })
    app.register(clearanceRoutes, { prefix: '/port-calls', database, clearances })
    const services = portCallServiceStore({ database, cursors })
    const orders = serviceOrderStore({ database, cursors })
    app.register(serviceOrderRoutes, { database, orders, metrics })
    app.register(rebuildRoutes, { database, rebuild: rebuildStore({ database, decisions }) })
    app.register(timestampRoutes, { database, timestamps, services, metrics })
    const timeline = timelineStore({ database, cursors, timeZoneAt })
    app.register(timelineRoutes, { timeline, timeZoneAt })
    app.register(figuresRoutes, {
      prefix: '/figures',
      figures: figuresStore({ database }),
      timeZoneAt,
      onTimeToleranceSeconds: config.ON_TIME_TOLERANCE_SECONDS,
    })
  },
  contracts: [
    {
      contract: portCallContract,
      routes: (app, { database, cursors, metrics }) => {
        app.addSchema(DcsaEvent)
        const events = dcsaEventStore({ database, cursors })
        app.register(dcsaEventRoutes, { database, events, metrics })
      },
    },
  ],
})
