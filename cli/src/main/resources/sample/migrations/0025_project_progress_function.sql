-- A function body in SQL, without any quotes around it (PostgreSQL 14 and later): its semicolons, and the END
-- of its CASE, end nothing.
-- longhaul: depends_on=0003_load_tasks

-- migrate:up
create function labelling.project_progress(project bigint) returns numeric
  language sql stable
begin atomic
  select 1; -- Only the last statement counts;
  select case when count(*) = 0 then 0
              else round(100.0 * count(*) filter (where is_labelled) / count(*), 1)
         end
  from labelling.task
  where task.project_id = project_progress.project;
end;

comment on function labelling.project_progress(bigint) is E'Percent of a project\'s tasks that have a label;\nnever null';

create function labelling.is_done(project bigint) returns boolean
  language sql stable
  return labelling.project_progress(project) >= 100;

-- migrate:down
drop function labelling.is_done(bigint);
drop function labelling.project_progress(bigint);
