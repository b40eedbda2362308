/** What can be deployed, in the order in which it is: the gateway, which all callers pass, comes last. */
export const services = ['barcos', 'carga', 'rutas', 'personal', 'gateway'] as const

export type Service = (typeof services)[number]

/** Where to. */
export const environments = ['test', 'staging', 'prod'] as const

export type Environment = (typeof environments)[number]
