-- VACUUM refuses a transaction block, so these run one by one.
-- Vacuum, concurrent index builds and validations of one table exclude each other, and PostgreSQL ends who waits
-- for a concurrent build with "deadlock detected": many attempts, for here they are all started at once.
-- longhaul: depends_on=0004_load_annotations,0005_load_predictions
-- longhaul: max_attempts=20

-- migrate:up
vacuum (analyze) labelling.account, labelling.project;
vacuum (analyze) labelling.task;
vacuum (analyze) labelling.annotation;
vacuum (analyze) labelling.prediction;

-- migrate:down
select 'a vacuum leaves nothing to undo';
