-- For "contains" searches in the task list. After the update of the whole table, which it would slow down.
-- longhaul: depends_on=0015_enable_trigram,0008_fill_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently task_text_trigram
  on labelling.task using gin ((data ->> 'text') labelling.gin_trgm_ops);

-- migrate:down
drop index concurrently if exists labelling.task_text_trigram;
