/** Keeps whatever a test sends, at any date. */
export const keepAll = { TRACK_DETAIL_DAYS: '36500', TRACK_KEEP_DAYS: '36500' }
