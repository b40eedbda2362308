import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { Type } from 'typebox'

const largestFeed = 1_073_741_824

/** The environment variables of rutas, beside those of every process. */
export const settings = {
  DATABASE_URL: databaseUrlSetting('PostgreSQL database of rutas'),
  TARGET_STALE_MINUTES: Type.Number({
    default: 10,
    minimum: 1,
    maximum: 1_440,
    description: 'Minutes without a message after which a target is STALE',
  }),
  TARGET_LOST_MINUTES: Type.Number({
    default: 60,
    minimum: 1,
    maximum: 10_080,
    description: 'Minutes without a message after which a target is LOST',
  }),
  ZONE_MARGIN_METRES: Type.Number({
    default: 50,
    minimum: 0,
    maximum: 5_000,
    description: 'Metres outside a zone at which a ship has left it, so that jitter leaves nothing',
  }),
  ETA_TOLERANCE_MINUTES: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 1_440,
    description:
      'Minutes by which an estimated arrival may differ from a declared or requested one and be ON_TIME',
  }),
  ETA_CHANGE_MINUTES: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 1_440,
    description:
      'Minutes by which the estimated arrival at a voyage’s next call must move to be told again',
  }),
  BARCOS_URL: Type.String({
    default: '',
    description:
      'Base URL of barcos, whose event feed is read; without it voyages know nothing of port calls',
  }),
  VOYAGE_LOOK_SECONDS: Type.Integer({
    default: 300,
    minimum: 1,
    maximum: 86_400,
    description: 'Seconds between two looks at where the ship of a voyage is',
  }),
  VOYAGE_LATE_MINUTES: Type.Integer({
    default: 120,
    minimum: 0,
    maximum: 43_200,
    description: 'Minutes behind the plan after which a ship is LATE for a call of its voyage',
  }),
  VOYAGE_ESTIMATE_DAYS: Type.Integer({
    default: 60,
    // What is told late corrects a voyage for 30 days.
    minimum: 30,
    maximum: 36_500,
    description:
      'Days after the end of a voyage for which every estimate of its arrivals is kept; then the last of each call, and those by which the ship was late or no longer late',
  }),
  VOYAGE_TRACE_SETTLE_SECONDS: Type.Integer({
    default: 60,
    minimum: 0,
    maximum: 86_400,
    description:
      'Seconds after a change before a voyage is sent as a trace, so that what is corrected at once is sent once; nothing is sent without OTEL_EXPORTER_OTLP_ENDPOINT',
  }),
  VOYAGE_OFF_ROUTE_MILES: Type.Number({
    default: 60,
    minimum: 1,
    maximum: 5_000,
    description: 'Nautical miles from the sea route to its next call at which a ship is OFF_ROUTE',
  }),
  TRACK_DETAIL_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 36_500,
    description:
      'Days for which every position of a track is kept; then one a minute, up to TRACK_KEEP_DAYS',
  }),
  TRACK_KEEP_DAYS: Type.Integer({
    default: 400,
    minimum: 1,
    maximum: 36_500,
    description:
      'Days for which tracks are kept, and stations that have fallen silent; older AIS messages are rejected when they arrive',
  }),
  AIS_RECEIVERS: Type.String({
    default: '',
    maxLength: 10_000,
    description:
      'How AIS comes in beside HTTP: `name=kind://host:port`, separated by commas. `udp` and `tcp-listen` wait at an address, `tcp` connects to a station and comes back when cut. NMEA sentences or AIS-catcher’s JSON, one a line',
  }),
  AIS_RECEIVER_NETWORKS: Type.String({
    default: '127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
    maxLength: 10_000,
    description:
      'Networks that may send to `udp` and `tcp-listen` receivers, separated by commas: neither knows who sends',
  }),
  LIVE_PATIENCE_SECONDS: Type.Number({
    default: 30,
    minimum: 1,
    maximum: 300,
    description: 'Seconds after which the reader of a live stream is dropped that takes nothing',
  }),
  AIS_REMEMBERED_STATIONS: Type.Integer({
    default: 200_000,
    minimum: 100,
    maximum: 10_000_000,
    description:
      'Stations that the replica which writes AIS remembers, at most, with 0.75 kB each; others are read from the database when they are heard. The world has about as many under way',
  }),
  AIS_REMEMBERED_MESSAGES: Type.Integer({
    default: 4_194_304,
    minimum: 1_000,
    maximum: 100_000_000,
    description:
      'Messages that the replica which writes AIS knows to be stored, at most, with 8 to 16 bytes each; of others the database is asked',
  }),
  AIS_BODY_LIMIT_BYTES: Type.Integer({
    default: largestFeed,
    minimum: 1_024,
    maximum: largestFeed,
    description: 'Largest body of a batch of AIS, in bytes',
  }),
}
