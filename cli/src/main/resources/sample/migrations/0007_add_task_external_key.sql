-- The first of a chain of five: column, values, constraint, NOT NULL, unique index. Each step alone is
-- harmless to the traffic on the table.
-- longhaul: depends_on=0003_load_tasks
-- longhaul: lock_timeout=2s

-- migrate:up
alter table labelling.task add column external_key text;
comment on column labelling.task.external_key is 'What the customer calls the task; unique, e.g. "17-4711"';

-- migrate:down
alter table labelling.task drop column external_key;
