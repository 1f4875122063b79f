/* Templates for new projects; this file is a test of patience for everything that cuts SQL at semicolons.
   longhaul: and a line like this one is no option. */
-- longhaul: depends_on=0001_create_schema
-- longhaul: requested_by=templates-team

-- migrate:up
create table labelling.label_template (
  name        text primary key,      -- e.g. 'Bounding boxes; fast'
  config      text not null,         /* XML; may /* in theory; */ hold comments */
  "price;eur" numeric(8, 2) not null default 0,
  cost$in$eur numeric(8, 2) generated always as ("price;eur" * 2) stored
);;

insert into labelling.label_template (name, config) values
  ('plain; text', '<View><Text name="t" value="$text"/></View>'),
  ('it''s quoted', 'a '' b ; c'),
  ('backslash', 'C:\labels\'),
  (E'escape', E'it\'s; a \\ and a tab\t.'),
  (U&'\0041rab', U&'d!0061t!0061; !!' uescape '!'),
  ('dollars', $x$ $$ ; $y$ ; $x$),
  ('dashes', '-- not a comment; /* nor this'),
  ('marker', 'inside a line it is data: -- migrate:down
         -- longhaul: and=this too');

insert into labelling.label_template (name, config)
select 'braces', '{d ''2024-01-01''} {fn now()} :batch ?'
where '{"a": [1, 2]}'::jsonb ?| array['a', 'b'] and '{"a": 1}' @? '$.a'
  and 'x' operator(pg_catalog.=) 'x';

do $outer$
begin
  execute $inner$ update labelling.label_template set "price;eur" = 1.5 where name = 'plain; text'; $inner$;
end
$outer$;

create rule label_template_keep as on delete to labelling.label_template do instead (
  update labelling.label_template set "price;eur" = 0 where name = old.name;
  update labelling.label_template set "price;eur" = 0 where name = old.name || ';';
);
-- The end; without a semicolon
select count(*) from labelling.label_template -- ;

-- migrate:down
drop table labelling.label_template; /* ; */
