-- longhaul: depends_on=0001_create_schema

-- migrate:up
create extension if not exists pg_trgm with schema labelling;

-- migrate:down
drop extension if exists pg_trgm;
