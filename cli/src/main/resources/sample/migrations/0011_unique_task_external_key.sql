-- longhaul: depends_on=0010_require_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
create unique index concurrently task_external_key on labelling.task (external_key);

-- migrate:down
drop index concurrently if exists labelling.task_external_key;
