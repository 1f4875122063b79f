-- longhaul: depends_on=0002_load_accounts_and_projects

-- migrate:up
create unique index concurrently project_title on labelling.project (lower(title));

-- migrate:down
drop index concurrently if exists labelling.project_title;
