-- An update of the whole table.
-- longhaul: depends_on=0007_add_task_external_key

-- migrate:up
update labelling.task
set external_key = project_id || '-' || inner_id
where external_key is null;

-- migrate:down
update labelling.task set external_key = null where external_key is not null;
