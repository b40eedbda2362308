/**
 * Loaded into every child before its program: when the process that started it is gone, even by
 * kill -9, the child ends too instead of holding its port for ever.
 */
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5_000).unref()
})
process.channel?.unref()
