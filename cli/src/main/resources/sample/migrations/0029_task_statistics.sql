-- A task's project says much about its batch: the planner should know.
-- longhaul: depends_on=0003_load_tasks
-- longhaul: max_attempts=20

-- migrate:up
create statistics labelling.task_project_labelled (ndistinct, dependencies, mcv)
  on project_id, is_labelled, inner_id from labelling.task;
analyze labelling.task;

-- migrate:down
drop statistics labelling.task_project_labelled;
