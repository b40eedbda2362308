/** Types of Elasticsearch's fields. */
type FieldType = 'date' | 'flattened' | 'ip' | 'keyword' | 'long' | 'match_only_text'

/**
 * Every field that a process writes into its log, and what Elasticsearch keeps it as. The names are
 * ECS's; a test holds them against the lines that real processes write.
 */
export const logFields: Readonly<Record<string, FieldType>> = {
  '@timestamp': 'date',
  message: 'match_only_text',
  'log.level': 'keyword',
  'ecs.version': 'keyword',
  'service.name': 'keyword',
  'service.version': 'keyword',
  'process.pid': 'long',
  'process.name': 'keyword',
  'process.signal': 'keyword',
  'host.hostname': 'keyword',
  'trace.id': 'keyword',
  'span.id': 'keyword',
  'http.request.id': 'keyword',
  'http.request.method': 'keyword',
  'http.route': 'keyword',
  'http.response.status_code': 'long',
  'url.path': 'keyword',
  'client.address': 'keyword',
  'server.address': 'keyword',
  'server.port': 'long',
  'source.ip': 'ip',
  'tls.server.not_after': 'date',
  'tls.client.subject': 'keyword',
  // What differs from line to line, each by a name of its own.
  labels: 'flattened',
  'event.action': 'keyword',
  'event.dataset': 'keyword',
  'event.duration': 'long',
  'event.id': 'keyword',
  'event.outcome': 'keyword',
  'event.reason': 'keyword',
  'event.provider': 'keyword',
  'error.type': 'keyword',
  'error.message': 'match_only_text',
  'error.stack_trace': 'match_only_text',
}

/** Fields that the shipper adds, by which a data stream is chosen. */
const streamFields: Readonly<Record<string, FieldType | 'constant_keyword'>> = {
  'data_stream.type': 'constant_keyword',
  'data_stream.dataset': 'constant_keyword',
  'data_stream.namespace': 'constant_keyword',
}

/** How long lines are kept: searched often at first, then seldom, then gone. */
export const lifecyclePolicy = {
  policy: {
    phases: {
      hot: {
        actions: { rollover: { max_age: '1d', max_primary_shard_size: '30gb' } },
      },
      warm: { min_age: '3d', actions: { forcemerge: { max_num_segments: 1 }, readonly: {} } },
      delete: { min_age: '30d', actions: { delete: {} } },
    },
  },
}

/** What indices of lines are made by. Fields that it does not name are kept, and not searched. */
export const indexTemplate = {
  index_patterns: ['logs-porttrack-*'],
  // Before Elasticsearch's own for `logs-*-*`.
  priority: 500,
  data_stream: {},
  template: {
    settings: {
      'index.lifecycle.name': 'porttrack-logs',
      'index.mapping.total_fields.limit': 200,
      'index.codec': 'best_compression',
    },
    mappings: {
      // A line can bring any field, and none of them may make a field of the index.
      dynamic: false,
      properties: Object.fromEntries(
        Object.entries({ ...logFields, ...streamFields }).map(([name, type]) => [
          name,
          type === 'keyword' ? { type, ignore_above: 1_024 } : { type },
        ]),
      ),
    },
  },
}
