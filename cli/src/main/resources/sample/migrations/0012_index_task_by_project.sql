-- longhaul: depends_on=0008_fill_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently task_by_project on labelling.task (project_id, inner_id);

-- migrate:down
drop index concurrently if exists labelling.task_by_project;
