-- The order of the task list, which then needs no look at the table itself.
-- longhaul: depends_on=0008_fill_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently task_recent
  on labelling.task (project_id, coalesce(updated_at, created_at) desc nulls last)
  include (status, is_labelled);

-- migrate:down
drop index concurrently if exists labelling.task_recent;
