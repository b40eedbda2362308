import { readFile } from 'node:fs/promises'
import { request } from 'node:https'

/** Any object of Kubernetes, as far as these tests look into it. */
export type KubernetesObject = {
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    deletionTimestamp?: string
    ownerReferences?: { kind: string }[]
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  spec?: any
  status?: { phase?: string; conditions?: object[] }
  data?: Record<string, string>
}

/** What is said to the API, by its paths. */
export type ApiClient = {
  /** An object, or null where there is none. */
  get: (path: string) => Promise<KubernetesObject | null>
  list: (path: string) => Promise<KubernetesObject[]>
  post: (path: string, object: object) => Promise<void>
  /** Merges a change into an object; one that is gone is left. */
  patch: (path: string, change: object) => Promise<void>
  /** Ends an object at once; one that is gone is left. */
  remove: (path: string) => Promise<void>
}

type Access = { url: string; token: string; authority: string }

/** @param access the API's address, a token that it knows, and the file of its certificate's authority */
export const apiClient = async ({ url, token, authority }: Access): Promise<ApiClient> => {
  const ca = await readFile(authority)

  const call = (method: string, path: string, body?: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const kind = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const headers = { authorization: `Bearer ${token}`, 'content-type': kind }
      const outgoing = request(new URL(path, url), { method, ca, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.once('end', () => {
          const { statusCode = 0 } = response
          if (statusCode === 404) resolve(null)
          else if (statusCode < 300) resolve(JSON.parse(text))
          else reject(new Error(`${method} ${path}: ${statusCode} ${text}`))
        })
      })
      outgoing.once('error', reject).end(body && JSON.stringify(body))
    })

  return {
    get: async (path) => (await call('GET', path)) as KubernetesObject | null,
    list: async (path) =>
      ((await call('GET', path)) as { items: KubernetesObject[] } | null)?.items ?? [],
    post: async (path, object) => void (await call('POST', path, object)),
    patch: async (path, change) => void (await call('PATCH', path, change)),
    remove: async (path) => void (await call('DELETE', `${path}?gracePeriodSeconds=0`)),
  }
}
