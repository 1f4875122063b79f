-- The index of the first release is a prefix of the one above.
-- longhaul: depends_on=0012_index_task_by_project
-- longhaul: max_attempts=20

-- migrate:up
drop index concurrently if exists labelling.task_project_legacy;

-- migrate:down
create index concurrently task_project_legacy on labelling.task (project_id);
