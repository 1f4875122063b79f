-- longhaul: depends_on=0004_load_annotations
-- longhaul: max_attempts=20

-- migrate:up
reindex index concurrently labelling.annotation_pkey;

-- migrate:down
select 'a rebuilt index is the same index; nothing to undo';
