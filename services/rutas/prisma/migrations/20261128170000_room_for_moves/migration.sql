-- With many ships under way a transaction moves most rows of a page. With less room than that some of
-- their next versions go to other pages, and those touch each index. What is there keeps its place
-- until it is written anew.
ALTER TABLE "target" SET (fillfactor = 45);

-- Ships that move go through a temporary table: told here rather than with the first report.
DO $$
BEGIN
  IF NOT has_database_privilege(current_database(), 'TEMP') THEN
    RAISE EXCEPTION 'the role % may not make temporary tables in %', current_user, current_database()
      USING HINT = format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), current_user);
  END IF;
END
$$;
