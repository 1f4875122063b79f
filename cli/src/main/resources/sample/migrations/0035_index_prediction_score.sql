-- longhaul: depends_on=0005_load_predictions
-- longhaul: max_attempts=20

-- migrate:up
create index concurrently prediction_by_score on labelling.prediction (model_version, score desc);

-- migrate:down
drop index concurrently if exists labelling.prediction_by_score;
