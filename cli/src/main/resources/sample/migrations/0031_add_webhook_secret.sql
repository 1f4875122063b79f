-- Adding a column takes an instant, but it needs the table to itself: with somebody's transaction in the
-- way it gives up after half a second, so that nobody queues behind it, and tries again.
-- longhaul: depends_on=0001_create_schema
-- longhaul: lock_timeout=500ms
-- longhaul: max_attempts=60

-- migrate:up
alter table labelling.webhook add column secret_hash text not null default '';

-- migrate:down
alter table labelling.webhook drop column secret_hash;
