import type { TestProject } from 'vitest/node'

/**
 * Starts one PostgreSQL server for a test run and tells the suites where it is: the embedded one, or
 * a container of the image that `TEST_POSTGRES_IMAGE` names.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startServer(process.env.TEST_POSTGRES_IMAGE)
  project.provide('postgresUrl', server.url)
  return server.stop
}

// Each way is loaded only when taken: a run without Docker does not wait for testcontainers.
const startServer = async (image: string | undefined) => {
  if (!image) {
    const { startEmbeddedServer } = await import('./embedded-server.ts')
    return startEmbeddedServer()
  }
  const { startContainerServer } = await import('./container-server.ts')
  return startContainerServer(image)
}
