/** SQL of every accepted message, to be read from: reports of positions stand with their position. */
export const accepted = `(
  SELECT mmsi, type FROM ais_message
  UNION ALL SELECT mmsi, type FROM position WHERE payload IS NOT NULL) AS accepted`
