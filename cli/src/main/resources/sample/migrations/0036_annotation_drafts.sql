-- longhaul: depends_on=0004_load_annotations

-- migrate:up
create table labelling.annotation_draft (
  id            bigint generated always as identity primary key,
  annotation_id bigint not null,
  result        jsonb not null,
  saved_at      timestamptz not null
);
insert into labelling.annotation_draft (annotation_id, result, saved_at)
select id, result, created_at - interval '1 minute'
from labelling.annotation
where id <= 500;

-- migrate:down
drop table labelling.annotation_draft;
