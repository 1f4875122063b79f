-- Somebody did not try it before: the third statement has a typing error, so nothing of it remains.
-- longhaul: depends_on=0002_load_accounts_and_projects

-- migrate:up
create table labelling.import_quota (
  project_id bigint primary key references labelling.project,
  rows_left  bigint not null
);
insert into labelling.import_quota (project_id, rows_left)
select id, 1000000 from labelling.project;
creat index import_quota_left on labelling.import_quota (rows_left);
comment on table labelling.import_quota is 'never reached';

-- migrate:down
drop table labelling.import_quota;
