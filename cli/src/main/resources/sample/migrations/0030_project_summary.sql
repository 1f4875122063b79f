-- A view and its index: the one may run in a transaction, the other may not.
-- longhaul: depends_on=0004_load_annotations

-- migrate:up
create materialized view labelling.project_summary as
select project.id as project_id,
       count(distinct task.id) as tasks,
       count(annotation.id) as annotations,
       round(avg(annotation.lead_time_seconds)::numeric, 2) as lead_time_seconds
from labelling.project
left join labelling.task on task.project_id = project.id
left join labelling.annotation on annotation.task_id = task.id and not annotation.was_cancelled
group by project.id;

create unique index concurrently project_summary_key on labelling.project_summary (project_id);

refresh materialized view concurrently labelling.project_summary;

-- migrate:down
drop materialized view labelling.project_summary;
