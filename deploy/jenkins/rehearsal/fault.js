// Keeps the event loop busy for 300 of every 400 milliseconds: the process answers, and is healthy,
// and is far too slow. Only for as long as the server listens, so that a migration is not held up.
setInterval(() => {
  const end = performance.now() + 300
  while (performance.now() < end);
}, 100).unref()
