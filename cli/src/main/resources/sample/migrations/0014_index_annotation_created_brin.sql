-- Annotations arrive in the order of time, so block ranges are enough: a few pages instead of many megabytes.
-- longhaul: depends_on=0004_load_annotations
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently annotation_created_brin
  on labelling.annotation using brin (created_at) with (pages_per_range = 32, autosummarize = on);

-- migrate:down
drop index concurrently if exists labelling.annotation_created_brin;
