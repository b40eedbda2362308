/**
 * Held by a batch of AIS messages until it is committed, and by a change of zones: batches of all
 * replicas follow each other, and each sees the zones as they stood when its turn came. Shared by who
 * asks what the newest number is: it is taken before its batch is committed.
 */
export const ingestLock = 7_316_101

/** SQL of the number of the newest message: numbers rise in the order of commits. */
export const newestMessage =
  '(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ais_message_number)'
