-- Three indexes in one migration: after a failure it goes on with the one that is missing.
-- longhaul: depends_on=0004_load_annotations,0005_load_predictions
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently annotation_by_task on labelling.annotation (task_id);
create index concurrently annotation_by_account on labelling.annotation (account_id, created_at desc);
create index concurrently prediction_by_task on labelling.prediction (task_id, model_version);

-- migrate:down
drop index concurrently if exists labelling.prediction_by_task;
drop index concurrently if exists labelling.annotation_by_account;
drop index concurrently if exists labelling.annotation_by_task;
