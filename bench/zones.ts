import type pg from 'pg'

/** Draws so many circles of 2 km, spread over the waters of `positionReports`, in the place of others. */
export const drawZones = async (client: pg.Client, count: number): Promise<void> => {
  await client.query('DELETE FROM zone')
  await client.query(
    `INSERT INTO zone (id, name, kind, geometry, radius_metres)
     SELECT gen_random_uuid(), 'Bench ' || n, 'custom',
            jsonb_build_object('type', 'Point', 'coordinates',
                               jsonb_build_array(-170 + 340.0 * n / $1, -60 + n * 7 % 1000 * 0.12)),
            2000
     FROM generate_series(0, $1::int - 1) AS n`,
    [count],
  )
  await client.query('UPDATE zone_revision SET revision = revision + 1')
}
