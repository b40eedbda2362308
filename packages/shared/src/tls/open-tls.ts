import type { ServerOptions } from 'node:http'
import type { FastifyServerFactory } from 'fastify'
import type { Grant } from '../auth/access.ts'
import { gatewayIssuer } from '../auth/internal-token.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/define-metrics.ts'
import type { kitMetrics } from '../metrics/http-metrics.ts'
import type { KitConfig } from '../service/env.ts'
import { CertificateFolder } from './certificates.ts'
import type { PeerTls } from './peer-identity.ts'
import { tlsServer } from './tls-server.ts'

type TlsOptions = {
  config: KitConfig
  /** Whether users reach this process themselves. If not, only other processes do. */
  facesUsers: boolean
  access: { readonly grants: Readonly<Record<string, Grant>> }
  http: Pick<ServerOptions, 'headersTimeout' | 'connectionsCheckingInterval'>
  log: Logger
  metrics: Metrics<typeof kitMetrics>
}

export type Tls = {
  /** How others are reached; null in plain HTTP. */
  peers: PeerTls | null
  /** How the API listens; undefined in plain HTTP. */
  serverFactory: FastifyServerFactory | undefined
  /** Whether the next answer on a connection should be its last. */
  outdated: (socket: object) => boolean
  close: () => void
}

/** @throws when the settings ask for TLS and the certificates cannot be used */
export const openTls = (options: TlsOptions): Tls => {
  const { config, facesUsers, access, http, log, metrics } = options
  const open = (directory: string, use: 'peers' | 'public') =>
    new CertificateFolder(directory, { use, log, remaining: metrics.certificateRemaining })
  const { TLS_MODE, TLS_DIR, TLS_TRUST_DOMAIN: trustDomain, PUBLIC_TLS_DIR } = config
  const own = TLS_MODE === 'mutual' ? open(TLS_DIR, 'peers') : null
  const shown = facesUsers && PUBLIC_TLS_DIR !== '' ? open(PUBLIC_TLS_DIR, 'public') : null
  const certificates = facesUsers ? shown : own
  const server =
    certificates &&
    tlsServer({
      certificates,
      admitted: facesUsers ? null : { names: mayCall(access), trustDomain },
      http,
      log,
      refusals: metrics.connectionsRefused,
    })
  return {
    peers: own && { certificates: own, trustDomain },
    serverFactory: server?.serverFactory,
    outdated: server?.outdated ?? (() => false),
    close: () => {
      own?.close()
      shown?.close()
    },
  }
}

/** Who may connect follows from who may do anything at all: the gateway, and the services named. */
const mayCall = (access: TlsOptions['access']): ReadonlySet<string> =>
  new Set([
    gatewayIssuer,
    ...Object.values(access.grants).flatMap((grant) =>
      grant === 'everyone' ? [] : (grant.services ?? []),
    ),
  ])
