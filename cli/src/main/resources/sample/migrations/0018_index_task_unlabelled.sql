-- "Give me the next task": only a part of the table is ever asked for. The name is quoted, and has a
-- semicolon, because somebody's tool made it so.
-- longhaul: depends_on=0008_fill_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently "task; unlabelled" on labelling.task (project_id, id) where not is_labelled;

-- migrate:down
drop index concurrently if exists labelling."task; unlabelled";
