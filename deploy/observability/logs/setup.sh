#!/bin/sh
# Puts the lifecycle policy and the index template into Elasticsearch, and the saved objects into Kibana.
# May be run again and again. Needs curl; passwords come from the environment.
set -eu
here=$(dirname "$0")

elastic() { # elastic <path> <file>
  curl --fail --silent --show-error --user "$ELASTICSEARCH_USER:$ELASTICSEARCH_PASSWORD" \
    --header 'content-type: application/json' --request PUT --data-binary "@$2" "$ELASTICSEARCH_URL/$1"
  echo
}

elastic _ilm/policy/porttrack-logs "$here/elasticsearch/lifecycle-policy.json"
elastic _index_template/logs-porttrack "$here/elasticsearch/index-template.json"
curl --fail --silent --show-error --user "$ELASTICSEARCH_USER:$ELASTICSEARCH_PASSWORD" \
  --header 'kbn-xsrf: true' --form "file=@$here/kibana/porttrack.ndjson" \
  "$KIBANA_URL/api/saved_objects/_import?overwrite=true"
echo
