import { prometheusUid } from './panel.ts'

const jaeger = 'porttrack-jaeger'
const logs = 'porttrack-logs'

/**
 * Where dashboards ask, and how one leads to the next: a point of a panel to its trace, a span of the
 * trace to the lines that were written meanwhile.
 */
export const dataSources = {
  apiVersion: 1,
  prune: true,
  datasources: [
    {
      name: 'Prometheus',
      uid: prometheusUid,
      type: 'prometheus',
      access: 'proxy',
      url: '$PROMETHEUS_URL',
      isDefault: true,
      jsonData: {
        timeInterval: '15s',
        httpMethod: 'POST',
        exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: jaeger }],
        // Grafana asks it for rules only where Alertmanager, not Grafana, notifies.
        manageAlerts: false,
      },
    },
    {
      name: 'Traces',
      uid: jaeger,
      type: 'jaeger',
      access: 'proxy',
      url: '$JAEGER_URL',
      jsonData: {
        tracesToLogsV2: {
          datasourceUid: logs,
          spanStartTimeShift: '-1m',
          spanEndTimeShift: '1m',
          customQuery: true,
          // "$" is doubled, since Grafana replaces names of the environment here.
          query: 'trace.id:"$${__trace.traceId}"',
        },
      },
    },
    {
      name: 'Logs',
      uid: logs,
      type: 'elasticsearch',
      access: 'proxy',
      url: '$ELASTICSEARCH_URL',
      basicAuth: true,
      basicAuthUser: '$ELASTICSEARCH_USER',
      secureJsonData: { basicAuthPassword: '$ELASTICSEARCH_PASSWORD' },
      jsonData: {
        index: 'logs-porttrack-*',
        timeField: '@timestamp',
        logMessageField: 'message',
        logLevelField: 'log.level',
        dataLinks: [
          {
            field: 'trace.id',
            url: '$${__value.raw}',
            urlDisplayLabel: 'Trace',
            datasourceUid: jaeger,
          },
        ],
      },
    },
  ],
}

/** Where Grafana finds the dashboards. */
export const dashboardProvider = {
  apiVersion: 1,
  providers: [
    {
      name: 'porttrack',
      folder: 'PortTrack',
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: '/var/lib/grafana/dashboards' },
    },
  ],
}
