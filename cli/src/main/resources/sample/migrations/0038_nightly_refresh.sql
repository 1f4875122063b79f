-- Its time has come already: it is started as soon as somebody asks for what is due.
-- longhaul: depends_on=0030_project_summary
-- longhaul: run_at=2026-01-01T02:00:00Z

-- migrate:up
refresh materialized view concurrently labelling.project_summary;

-- migrate:down
select 'the view only shows what the tables say; nothing to undo';
