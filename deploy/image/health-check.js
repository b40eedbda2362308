// Ends with 0 when the process in this container answers on its management port, else with 1.
const port = process.env.MANAGEMENT_PORT
try {
  const response = await fetch(`http://127.0.0.1:${port}/health/live`, {
    signal: AbortSignal.timeout(4_000),
  })
  process.exitCode = response.ok ? 0 : 1
} catch {
  process.exitCode = 1
}
