import { defineMetrics } from '@porttrack/shared/metrics/define-metrics'

export const metrics = defineMetrics({
  commands: {
    type: 'counter',
    name: 'chatops_commands_total',
    help: 'Commands by what became of them; many refused are someone who tries',
    labels: ['command', 'outcome'],
  },
  webhooks: {
    type: 'counter',
    name: 'chatops_webhooks_total',
    help: 'What others told the bot, by source and what became of it; refused ones are not signed, too old or not understood',
    labels: ['source', 'outcome'],
  },
  watchdogAge: {
    type: 'gauge',
    name: 'chatops_watchdog_age_seconds',
    help: 'Time since alerting showed that it works',
  },
})
