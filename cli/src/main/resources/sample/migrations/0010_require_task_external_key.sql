-- The validation reads the table under a lock that lets reads and writes pass. SET NOT NULL then finds
-- the proven constraint and does not read the table again under its exclusive lock.
-- longhaul: depends_on=0009_check_task_external_key
-- longhaul: max_attempts=20

-- migrate:up
alter table labelling.task validate constraint task_external_key_present;
alter table labelling.task alter column external_key set not null;
alter table labelling.task drop constraint task_external_key_present;

-- migrate:down
alter table labelling.task
  add constraint task_external_key_present check (external_key is not null) not valid;
alter table labelling.task alter column external_key drop not null;
