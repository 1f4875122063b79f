-- Not yet validated: the lock is held for an instant, and new rows are checked from now on.
-- longhaul: depends_on=0008_fill_task_external_key
-- longhaul: lock_timeout=2s
-- longhaul: max_attempts=20

-- migrate:up
alter table labelling.task
  add constraint task_external_key_present check (external_key is not null) not valid;

-- migrate:down
alter table labelling.task drop constraint task_external_key_present;
