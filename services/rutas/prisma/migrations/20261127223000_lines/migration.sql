-- A zone may be a line that ships cross.
ALTER TABLE "zone" DROP CONSTRAINT "zone_geometry_check";
ALTER TABLE "zone" ADD CONSTRAINT "zone_geometry_check"
    CHECK ("geometry"->>'type' IN ('Polygon', 'Point', 'LineString'));
-- The side of a line that a ship near it came from: 1 left, -1 right; null in other zones.
ALTER TABLE "zone_presence" ADD COLUMN "came_from" SMALLINT CHECK ("came_from" IN (1, -1));
