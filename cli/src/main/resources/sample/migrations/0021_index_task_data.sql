-- JSON containment, for the tasks that have an image. The question mark is an operator of jsonb, not a
-- parameter.
-- longhaul: depends_on=0008_fill_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently task_data
  on labelling.task using gin (data jsonb_path_ops) where data ? 'image';

-- migrate:down
drop index concurrently if exists labelling.task_data;
