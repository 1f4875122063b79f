-- Plain enough for SQLite, which developers have on their machines.
-- longhaul: apply_on_sqlite=true

-- migrate:up
create table labelling_feature_flag (
  name    varchar(100) primary key,
  enabled boolean not null
);
insert into labelling_feature_flag (name, enabled) values ('drafts', true), ('fast; risky', false);

-- migrate:down
drop table labelling_feature_flag;
