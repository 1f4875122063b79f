-- Without NOT VALID this would read the tables while nobody may write to them.
-- longhaul: depends_on=0004_load_annotations,0005_load_predictions
-- longhaul: lock_timeout=2s
-- longhaul: max_attempts=20

-- migrate:up
alter table labelling.annotation
  add constraint annotation_task foreign key (task_id) references labelling.task on delete cascade not valid,
  add constraint annotation_account foreign key (account_id) references labelling.account not valid;
alter table labelling.prediction
  add constraint prediction_task foreign key (task_id) references labelling.task on delete cascade not valid;

-- migrate:down
alter table labelling.prediction drop constraint prediction_task;
alter table labelling.annotation drop constraint annotation_account, drop constraint annotation_task;
