import { createPrivateKey, sign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '@porttrack/shared/service/secret'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

export type GitHubOptions = {
  /** `https://api.github.com`, or that of an enterprise's own. */
  url: string
  /** `owner/name`. */
  repository: string
  appId: string
  installationId: string
  /** The app's private key, in PEM. */
  privateKey: Secret
  /** Milliseconds between two looks at a run; default 15,000. */
  interval?: number
}

export type Dispatch = {
  service: string
  action: 'release' | 'rollback'
  environment: string
  version: string
}

export type Run = { id: number; url: string }

const Token = Type.Object({ token: Type.String(), expires_at: Type.String() })
const RunShape = Type.Object({
  id: Type.Integer(),
  html_url: Type.String(),
  display_title: Type.String(),
  created_at: Type.String(),
  status: Type.Union([Type.String(), Type.Null()]),
  conclusion: Type.Union([Type.String(), Type.Null()]),
})
const Runs = Type.Object({ workflow_runs: Type.Array(RunShape) })

/** How long a run is looked for after it was started, and waited for until its end, in milliseconds. */
const appears = 60_000
const ends = 3 * 3_600_000

/** GitHub answered with something else than what was asked for. */
class GitHubError extends Error {
  constructor(what: string, status: number) {
    super(`GitHub answered ${status} to ${what}`)
    this.name = 'GitHubError'
  }
}

/**
 * The pipeline, started by a GitHub App with the right `actions: write` on one repository and nothing
 * else. Tokens last an hour and are renewed five minutes before.
 */
export const openGitHub = (options: GitHubOptions) => {
  const { url, repository, appId, installationId, privateKey, interval = 15_000 } = options
  let token: { value: string; until: number } | undefined

  const call = async (
    path: string,
    { bearer, method = 'GET', body }: { bearer: string; method?: string; body?: object },
  ): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${bearer}`,
        'user-agent': 'porttrack-chatops',
        'x-github-api-version': '2022-11-28',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    })
    if (!answer.ok) throw new GitHubError(`${method} ${path.split('?', 1)[0]}`, answer.status)
    return answer.status === 204 ? null : answer.json()
  }

  const installationToken = async (): Promise<string> => {
    if (token && token.until > Date.now() + 300_000) return token.value
    const made = await call(`/app/installations/${installationId}/access_tokens`, {
      bearer: appToken(appId, privateKey.current()),
      method: 'POST',
    })
    if (!Value.Check(Token, made)) throw new Error('GitHub gave no token')
    token = { value: made.token, until: Date.parse(made.expires_at) }
    return token.value
  }

  const runsOf = async (service: string, query: string) => {
    const found = await call(
      `/repos/${repository}/actions/workflows/${service}.yml/runs?${query}`,
      { bearer: await installationToken() },
    )
    if (!Value.Check(Runs, found)) throw new Error('GitHub gave no runs')
    return found.workflow_runs
  }

  return {
    /**
     * Starts the workflow of a service.
     *
     * @returns the run; null when it does not show itself within a minute, though it was started
     * @throws GitHubError when it was not started
     */
    dispatch: async ({ service, action, environment, version }: Dispatch): Promise<Run | null> => {
      // GitHub's clock may be a little behind.
      const since = Date.now() - 5_000
      const known = new Set(
        (await runsOf(service, 'event=workflow_dispatch&per_page=20')).map(({ id }) => id),
      )
      await call(`/repos/${repository}/actions/workflows/${service}.yml/dispatches`, {
        bearer: await installationToken(),
        method: 'POST',
        body: { ref: 'main', inputs: { action, environment, version } },
      })
      const title = `${action} ${service} in ${environment} ${version}`.trim()
      while (Date.now() - since < appears) {
        const runs = await runsOf(service, 'event=workflow_dispatch&per_page=20')
        const run = runs.find(
          (each) =>
            !known.has(each.id) &&
            each.display_title.trim() === title &&
            Date.parse(each.created_at) >= since - 60_000,
        )
        if (run) return { id: run.id, url: run.html_url }
        await sleep(Math.min(interval, 2_000))
      }
      return null
    },

    /** Waits for a run’s end: how it ended, or `timed_out` after three hours. */
    conclusionOf: async ({ id }: Run): Promise<string> => {
      const begun = performance.now()
      while (performance.now() - begun < ends) {
        const run = await call(`/repos/${repository}/actions/runs/${id}`, {
          bearer: await installationToken(),
        })
        if (Value.Check(RunShape, run) && run.status === 'completed') {
          return run.conclusion ?? 'failure'
        }
        await sleep(interval)
      }
      return 'timed_out'
    },
  }
}

export type GitHub = ReturnType<typeof openGitHub>

/** A token by which the app itself is known, for ten minutes at most; RS256 is what GitHub takes. */
const appToken = (appId: string, privateKey: string): string => {
  const now = Math.floor(Date.now() / 1_000)
  // A minute back, for clocks that differ.
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 60, exp: now + 480, iss: appId })}`
  const signature = sign('sha256', Buffer.from(text), createPrivateKey(privateKey))
  return `${text}.${signature.toString('base64url')}`
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
