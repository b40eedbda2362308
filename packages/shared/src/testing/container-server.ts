import { GenericContainer, Wait } from 'testcontainers'
import { serverSettings, type PostgresServer } from './postgres-server.ts'

/**
 * Starts a PostgreSQL image in the Docker engine that `DOCKER_HOST` or the machine's default names.
 *
 * @param image PostgreSQL's official one or any that reads its settings, such as the one that
 *   `.ci/postgres-image` builds
 * @throws when no engine answers, or the image is neither in it nor to be pulled
 */
export const startContainerServer = async (image: string): Promise<PostgresServer> => {
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_PASSWORD: 'tests' })
    .withCommand(['postgres', ...serverSettings])
    .withExposedPorts(5432)
    // Over TCP: the official image first starts a server on the socket only, to set itself up.
    .withHealthCheck({
      test: ['CMD', 'pg_isready', '--host=127.0.0.1'],
      interval: 250,
      timeout: 2_000,
      retries: 200,
    })
    .withWaitStrategy(Wait.forHealthCheck())
    .start()
  const address = `${container.getHost()}:${container.getMappedPort(5432)}`
  return {
    url: `postgresql://postgres:tests@${address}/postgres`,
    stop: async () => {
      await container.stop()
    },
  }
}
