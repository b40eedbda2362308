/** What is released by itself: each with an image, a chart, a workflow and versions of its own. */
export const services = ['barcos', 'carga', 'rutas', 'personal', 'gateway'] as const

export type Service = (typeof services)[number]

/** What has an image: every service, and the bot, which has no releases by canary. */
export const built = [...services, 'chatops'] as const

export type Built = (typeof built)[number]

/** In the order that a version passes through them. */
export const environments = ['test', 'staging', 'prod'] as const

/** The folder of a package that has an image, from the repository's root. */
export const folderOf = (name: Built): string =>
  name === 'gateway' || name === 'chatops' ? name : `services/${name}`

/** @throws when `name` is none of them */
export const serviceNamed = (name: string): Service => {
  const found = services.find((service) => service === name)
  if (found === undefined) throw new Error(`"${name}" is no service: ${services.join(', ')}`)
  return found
}

/** @throws when `name` is none of them */
export const builtNamed = (name: string): Built => {
  const found = built.find((each) => each === name)
  if (found === undefined) throw new Error(`"${name}" has no image: ${built.join(', ')}`)
  return found
}

/** @throws when `name` is none of them */
export const environmentNamed = (name: string): (typeof environments)[number] => {
  const found = environments.find((environment) => environment === name)
  if (found === undefined) {
    throw new Error(`"${name}" is no environment: ${environments.join(', ')}`)
  }
  return found
}
