import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ViteUserConfig } from 'vitest/config'

/**
 * The settings every package's tests have in common: TypeScript sources without a build, and a report
 * that `.ci/run` adds up.
 *
 * @param database whether the tests need a PostgreSQL server
 * @param workers files that are tested at once, at least: more than one where most of the time is
 *   waited for deadlines, retries and leases
 * @param isolate whether each file gets modules of its own. Without, files share them and run in code
 *   that is warm, for a third less processor time; nothing in these packages is global, and a file
 *   that leaves something behind fails the next
 */
export const tests = ({ database = false, workers = 1, isolate = true } = {}): ViteUserConfig => ({
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    isolate,
    maxWorkers: Math.max(workers, availableParallelism() - 1),
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/tests.json' },
    // A test that hangs is ended; a machine that is merely slow is waited for.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    ...(database
      ? {
          globalSetup: fileURLToPath(
            new URL('packages/shared/src/testing/postgres-setup.ts', import.meta.url),
          ),
        }
      : {}),
  },
})
