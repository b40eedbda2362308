/** PostgreSQL's parameters for many reports a second, as docs/ais-feeds.md has them. */
export const forLargeFeed = {
  shared_buffers: '1GB',
  wal_buffers: '64MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
}
