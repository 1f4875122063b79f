-- A value of an enum cannot be dropped: to go back, the type is made again and the column converted.
-- longhaul: depends_on=0001_create_schema

-- migrate:up
alter type labelling.task_status add value if not exists 'skipped' before 'completed';

-- migrate:down
alter table labelling.task alter column status drop default;
alter type labelling.task_status rename to task_status_with_skipped;
create type labelling.task_status as enum ('created', 'in_progress', 'completed');
alter table labelling.task
  alter column status type labelling.task_status
  using (case status when 'skipped' then 'created' else status::text end)::labelling.task_status;
alter table labelling.task alter column status set default 'created';
drop type labelling.task_status_with_skipped;
