-- One annotation of a task by one person, unless it was cancelled. Some are there twice, so that this fails until
-- the data is repaired; what it leaves behind is an invalid index, which a retry has to replace.
-- longhaul: depends_on=0004_load_annotations
-- longhaul: max_attempts=20

-- migrate:up
create unique index concurrently annotation_once
  on labelling.annotation (task_id, account_id) where not was_cancelled;

-- migrate:down
drop index concurrently if exists labelling.annotation_once;
