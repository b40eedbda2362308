import { spawn } from 'node:child_process'
import { variable } from './variables.ts'

/**
 * Gives the environment `test`, which has no store of secrets, the ones that External Secrets reads by
 * its Kubernetes provider: the password of the databases, `DB_PASSWORD`, as the secret
 * `porttrack-source` of the namespace `NAMESPACE`. By standard input: arguments are seen by everybody
 * on the machine.
 */
const manifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'porttrack-source', namespace: variable('NAMESPACE') },
  type: 'Opaque',
  stringData: { DB_PASSWORD: variable('DB_PASSWORD') },
}
// As an owner of its own, so that the secret's other entries stay what they are.
const apply = ['apply', '--server-side', '--field-manager=porttrack-pipeline', '--filename=-']
const kubectl = spawn('kubectl', apply, { stdio: ['pipe', 'inherit', 'inherit'] })
kubectl.stdin.end(JSON.stringify(manifest))
process.exitCode = await new Promise<number>((resolve, reject) => {
  kubectl.once('error', reject).once('exit', (code) => resolve(code ?? 1))
})
