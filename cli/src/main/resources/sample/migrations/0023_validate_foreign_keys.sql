-- Rolled back, the constraints are as they were made: there, and unproven. PostgreSQL has no way to
-- unvalidate one, so they are made again.
-- longhaul: depends_on=0022_add_foreign_keys
-- longhaul: max_attempts=20

-- migrate:up
alter table labelling.annotation validate constraint annotation_task;
alter table labelling.annotation validate constraint annotation_account;
alter table labelling.prediction validate constraint prediction_task;

-- migrate:down
alter table labelling.annotation
  drop constraint annotation_task,
  drop constraint annotation_account,
  add constraint annotation_task foreign key (task_id) references labelling.task on delete cascade not valid,
  add constraint annotation_account foreign key (account_id) references labelling.account not valid;
alter table labelling.prediction
  drop constraint prediction_task,
  add constraint prediction_task foreign key (task_id) references labelling.task on delete cascade not valid;
