import type { ApiClient } from './api-client.ts'

/** Kinds of the charts that Kubernetes does not bring, as `group/version/kind/plural`. */
const kinds = [
  'cert-manager.io/v1/Certificate/certificates',
  'external-secrets.io/v1/ExternalSecret/externalsecrets',
  'external-secrets.io/v1/SecretStore/secretstores',
  'gateway.networking.k8s.io/v1/HTTPRoute/httproutes',
  'monitoring.coreos.com/v1/PrometheusRule/prometheusrules',
  'monitoring.coreos.com/v1/ServiceMonitor/servicemonitors',
]

/**
 * Lets the API take kinds that other controllers bring, with whatever they hold: what they may hold is
 * checked against their schemas elsewhere.
 */
export const installCustomKinds = async (api: ApiClient): Promise<void> => {
  for (const each of kinds) {
    const [group = '', version = '', kind = '', plural = ''] = each.split('/')
    await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${plural}.${group}`,
        // Of kinds in *.k8s.io the API asks who has approved them.
        annotations: {
          'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api',
        },
      },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      },
    })
  }
}
