-- With many ships under way a transaction moves most rows of a page. With less room than that some of
-- their next versions go to other pages, and those touch each index. What is there keeps its place
-- until it is written anew.
ALTER TABLE "target" SET (fillfactor = 45);
