-- A function in dollar quotes, with another dollar quote, a quote and semicolons inside.
-- longhaul: depends_on=0004_load_annotations
-- longhaul: lock_timeout=2s
-- longhaul: max_attempts=20

-- migrate:up
create function labelling.touch() returns trigger
  language plpgsql
as $touch$
declare
  note constant text := $$it's "touched"; see below$$;
begin
  -- A row that did not change keeps its time; "is distinct from" knows about nulls.
  if new is distinct from old then
    new.updated_at := now();
  else
    raise debug '%', note;
  end if;
  return new;
end;
$touch$;

create trigger annotation_touched
  before update on labelling.annotation
  for each row execute function labelling.touch();

-- migrate:down
drop trigger annotation_touched on labelling.annotation;
drop function labelling.touch();
