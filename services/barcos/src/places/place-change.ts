/** What has happened to a berth, an anchorage or a pilot boarding place when others are told of it. */
export const placeChanges = ['CREATED', 'REPLACED', 'CLOSED', 'OPENED', 'REMOVED'] as const
export type PlaceChange = (typeof placeChanges)[number]
