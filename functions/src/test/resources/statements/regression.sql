==== statements without a semicolon at the end
select 1; select 2
==== empty statements
;; select 1;; ;
;
select 2; ;;
==== nothing at all
==== semicolons alone
; ;; ;
==== comments alone
-- one; two
/* three; four */
==== comments between semicolons
/* a; */ ; -- b;
; /* c */ ; select 1 /* d; */;
-- e
==== a comment at the end without a line's end
select 1; select 2 -- ; select 3
==== a comment at the end that is a dash and no more
select 1; --
==== a comment right behind a semicolon
select 1;--it's
select 2;/* it's */select 3;
==== nested comments
select /* a /* b; /* c; */ 'd */ ; */ 1; select 2 /* ; /* ' */ ; */;
==== a comment that begins with a slash
select 1 /*/ ; not the end */ + 1; select 2 /*/;/*/;*/;*/;
==== comments of stars and slashes
select 1 /**/ + /***/ 1 /****/ + /* **/ 1; select 2 /*//*;*/;*/; /*/**/;*/ select 3;
==== line comments in block comments, and the other way round
select 1 /* -- */ ; select 2 -- /* ;
; select 3 /*
-- */ ;
==== quotes in comments
select 1 -- it's " $$ E'
; select 2 /* it's " $$ E' */; select 3;
==== doubled quotes
select 'it''s; one', '''', ''';''', ''; select ''
'';
==== a backslash at the end of a standard string
select 'c:\'; select 'd:\', ';'; select '\''; ';
==== escape strings
select E'it\'s; one'; select e'\\'; select E'\\\'; \\'; select E'a''\';''b', ';';
==== escapes by number and letter
select E'\x27;\047;\u0027;\n\t\\'; select E'\
;\';';
==== escape strings right behind signs
select(e'\';'); select 'a'||E'\';'||'\'; select array[E'\';']; select 1=1,E'\';'; select-1,e'\'';
==== a name that ends in e before a string
select date '2026-01-01', date'2026-01-01'; select name'c:\'; select 1 as e; select bpchar'\', ';';
==== a type called e
create domain e as text; select e 'c:\', ';'; select e/**/'\', ';'; select "e"'\', ';';
==== strings one behind the other
do language E'plpgsql' 'begin end -- \'; select ';'; do language 'plpgsql' E'begin end -- \'; select ';
==== strings of bits
select B'0101', b'1', X'1F', x'ab'; select B'';
==== national strings
select N'it''s; \'; select n'';
==== unicode strings
select U&'d\0061t\+000061; ''x'; select u&'d!0061t!+000061; \' uescape '!'; select U&'\\;' UESCAPE '\';
==== unicode names
select 1 as U&"d\0061t; a"; select 2 as u&"d!0061t;""" uescape '!', 3; select U&"!003b" uescape '!' from (select 4 as ";") t; select 5;
==== strings over several lines
select 'one; '
  'two; ' -- it's three;

  'four'; select 'five';
==== an escape string that goes on in the next line
select E'one\''
'two\'; three'; select E'four'  -- it's five

	'\';six\\'; select 'seven';
==== a standard string that goes on in the next line
select 'one\'
'two\'; select 'three\' -- '
'\;'; select U&'four'
'\0027;'; select b'0'
'1', N'five\'
'\';
==== a string with lines in it
select 'one;

-- two;
/* three;
'; select 4;
==== quoted names
create table "t;1" ("a;" int, "b"";c" int, "d''" int, "$$" int, "--" int, "/*" int, "\" int);
insert into "t;1" ("a;", "b"";c") values (1, 2); select "b"";c", "--", "/*", "$$", "\" from "t;1";
==== quoted names one beside the other
select 1 as """;", 2 as ";""", 3 as """"; select 4"a;b", 5"c"; select"x"from(select 6"x")"y;";
==== dollar quotes
select $$it's; one$$; select $a$two; $$ three; $b$ four; $a$; select $_1$five; $_$ $_1 $_1$;
==== dollar quotes in dollar quotes
do $do$ begin
  execute $e$ create function f() returns text language plpgsql as $f$ begin return $$;'$$; end; $f$ $e$;
  perform f();
end $do$; select f();
==== tags of other letters
select $größe$one; $gr$ $größe$; select $名前$two; $名$ $名前$; do $é1_$ begin perform ';'; end $é1_$;
==== tags of signs
select $°$;$°$; do $🚀$ begin perform 1; end; $🚀$; select $€$;'$€$, $·1$;$·1$;
==== tags that end in what begins another
select $a$ $$a$; select $$ $a$$; select $ab$ $a$ $abc$ $ab$; select $a$$b$;$b$a$, ';' as a$ from (select 1) "$a$";
==== dollar quotes right behind signs
select($$;$$),$$;$$||$a$;$a$; select-1,$$;$$; select 'a'||$$;$$; do/**/$$begin end;$$;
==== dollar quotes one behind the other
do language $l$plpgsql$l$$b$begin end;$b$; select $$a;$$;
==== empty dollar quotes
select $$$$; select $a$$a$, $$;$$; do $$begin end$$;
==== dollars in names
create table a$b$c (x$ int, y$$z int); select x$, y$$z from a$b$c where x$ = 1; select 1 as b$a$; select 2 as c$a$;
==== dollars in names of other letters
select 1 as °$a$; select 2 as b$a$; select 1 as 🚀$$; select 2 as 🚀$$; select 3 as é$x$, 4 as é$x$;
==== parameters
prepare q as select $1::int + $2; execute q (1, 2); prepare r (int) as select $1; execute r(3);
deallocate q; select '$1;' as p$1;
==== names of other letters
create table größe (naïve int, "名前;" int, データ int, Ünïcode int); select naïve, データ, Ünïcode from größe, (select 1) où;
select "名前;" from größe;
==== a body in the words of the standard
create function f(n int) returns int language sql begin atomic; select n; select n + 1; end; select f(1);
==== a body without a statement
create procedure p() begin atomic end; create procedure q() language sql begin atomic ;; end; call p(); call q();
==== a body with cases
create table t (n int, x text);
create procedure p(m int) language sql begin atomic
  insert into t values (case when m > 0 then case m when 1 then 10 else 20 end else -1 end, 'end;');
  update t set x = case n when 10 then 'ten' end, n = (case when n > 0 then n end) where true;
  delete from t where case when n < 0 then true else false end;
end; call p(1); select n, x from t;
==== a body with columns called end, case, begin and atomic
create table t (begin int, atomic int, "end" int, "case" int);
create function f() returns int language sql begin atomic
  select 1 as end;
  select 2 as case;
  select t.end, t.case from t;
  select begin, atomic from t;
  select 3 end;
  select case when true then atomic end from t;
  select case when true then 4 end end;
  select begin atomic from t;
  select 5;
end; select f(); select 6;
==== a body behind settings and a default
create or replace function f(begin int default 1, atomic text = ';') returns int
  language sql immutable set search_path to begin, atomic begin /* ; */ atomic -- ;
  ; select begin; select 2; end; select f();
create or replace procedure begin() begin atomic select 1; end; call begin();
==== a body of one expression
create function f() returns int return case when true then 1 end; select f();
create function g() returns int language sql return 2; select g();
==== two bodies one behind the other
create function f() returns int begin atomic select 1; end; create function g() returns int begin atomic select f(); select 2; end;
select f(), g();
==== a body with comments and strings
create function f() returns text begin atomic /* end; */ select 'end;'; -- end;
  select $$; end;$$; select E'\'; end;' as "; end"; end /* ; */ ; select f();
==== functions, triggers and tables called begin
create table begin (n int); create table atomic (begin int);
create function begin() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger begin before insert on begin for each row execute function begin();
create trigger later after insert or update of n on begin execute procedure begin();
insert into begin values (1); select begin.n from begin;
create function g() returns begin language sql return row(1)::begin; select g();
create function h() returns int set search_path to begin, atomic language sql return 1; select h(); select begin atomic from atomic; select 1;
==== columns called what key words are
select 1 as begin; select 2 as end; select 3 as case; select 4 as atomic; select 5 begin; select 6 end;
select case when true then 7 end end; select 8 as function; create view v as select 9 as case; select v.case from v;
==== views with cases
create view v as select case when 1 > 0 then case 1 when 1 then 'a' end else ';' end as x; select x from v; drop view v;
==== rules
create table a (n int); create table b (n int);
create rule r as on insert to a do also (insert into b values (new.n); delete from b where n < (select 0); select ')';);
create rule s as on delete to a do instead nothing; create rule t as on update to a do instead (;;); insert into a values (1);
create rule u as on update to b do instead (select 1); select n from b;
==== plpgsql
create function f(n int) returns int language plpgsql as $body$
declare x text := 'it''s;'; -- it's
begin
  if n > 0 then return case when n > 1 then 2 else 1 end; end if;
  begin perform 1; exception when others then null; end;
  for i in 1..3 loop x := x || $$;$$; end loop;
  return 0;
end; $body$; select f(2);
do $$ begin null; end $$; do language plpgsql 'begin perform '';''; end';
==== operators that begin like comments
select 5 - -3; select 5- -3, 5 -(-3), + - + 3; select 4 / 2, 4/(2*1), 2 */**/ 3; select 2*/*c;*/3, 2+/*c;*/3, 2-/*c;*/3;
select 1+--c;
1; select 1 */*c;*/--d;
2; select @ -1, |/ 4, ||/ 8, !!'a'::tsquery;
==== operators of our own
create function f(int, int) returns int language sql return $1 - $2;
create operator <-> (leftarg = int, rightarg = int, function = f); create operator @-@ (leftarg = int, rightarg = int, function = f);
create operator #/# (leftarg = int, rightarg = int, function = f); select 1 <-> 2, 1 @-@ 2, 1 @-@ -2, 1 #/# 2; select 3 operator(@-@) 4;
==== casts, slices and named arguments
select '1'::int::text, '{1,2}'::int[], (array[1,2,3])[1:2], (array[1,2,3])[:2], (array[1,2])[:]; select make_interval(hours => 1), make_interval(mins := 2);
==== jsonpath and the like
select '{"a": ";"}'::jsonb ->> 'a', '{"a;": 1}'::jsonb ? 'a;', '{"a": 1}'::jsonb @? '$.a ? (@ > 0)'; select '{"a": 1}'::jsonb #>> '{a}', '[1]'::jsonb @> '1';
select '{"a": 1}' is json, json_value(jsonb '{"a": ";"}', '$.a');
==== numbers
select 1., .5, 1e3, 1.5e-3, 0x1F, 0b01, 0o17, 1_000; select -1, - 1, 1-1, 1.-.5; select 1 as e3;
==== windows
select sum(n) over (partition by n % 2 order by n rows between unbounded preceding and current row exclude ties) from generate_series(1, 3) n;
select sum(n) over w, count(*) filter (where n > 1) over w from generate_series(1, 3) as n window w as (order by n range between 1 preceding and 1 following);
==== grouping, ordered sets and laterals
select n % 2 as k, count(*) from generate_series(1, 4) n group by grouping sets ((k), ()) order by k nulls last;
select percentile_cont(0.5) within group (order by n) from generate_series(1, 3) n, lateral (select n) l(m); select 1;
==== with
with recursive t(n) as (values (1) union all select n + 1 from t where n < 3) select n from t; with x as materialized (select ';' as s) select s from x;
create table t (n int); with x as (insert into t values (1) returning n) select n from x; with x as (select 1 as n) insert into t select n from x; table t;
==== values, tables and parentheses around all
values (1, ';'), (2, $$;$$); (select 1); ((select 2) union all (select 3)) order by 1
==== merge
create table t (n int primary key, x text); merge into t using (values (1, ';'), (2, 'b')) s (n, x) on t.n = s.n
  when matched and s.x = ';' then delete when matched then do nothing when not matched then insert values (s.n, s.x); select count(*) from t;
==== tables with all that belongs to them
create table t (id bigint generated always as identity, n int default (1) check (n > 0), x text collate "C" default ';',
  g int generated always as (case when n > 1 then 2 else 1 end) stored, constraint "c;" check (x <> ';;')) with (fillfactor = 70);
create index "i;" on t ((case when n > 0 then x end)) where x <> ';'; comment on table t is $$it's; it$$; comment on column t.x is E'\';';
alter table t add column y text default E';\\', alter n set default 2; insert into t (n) values (1) on conflict do nothing returning id; truncate t; drop table t;
==== partitions
create table p (n int, d date) partition by range (n); create table p1 partition of p for values from (minvalue) to (1); create table p2 partition of p default;
insert into p values (0, '2026-01-01'), (1, null); alter table p detach partition p2; select tableoid::regclass::text from p;
==== types and domains
create type mood as enum ('sad;', 'it''s', $$ok;$$); create domain d as text check (value <> ';'); create type pair as (a int, b text); select 'sad;'::mood, (row(1, ';')::pair).b;
create sequence s start 1; select nextval('s'); create aggregate total (int) (sfunc = int4pl, stype = int, initcond = '0'); select total(n) from (values (1)) v(n);
==== statements with statements in them
explain (costs off) select 1; create table t as select ';' as x; create schema inner_of_this create table it (n int) create view v as select n from it; drop schema inner_of_this cascade;
create materialized view m as select 1 as n with no data; refresh materialized view m; create procedure p() language sql as 'select 1; select '';'''; call p();
==== settings
set lock_timeout = '1s'; set application_name to ';'; show application_name; reset application_name; select set_config('my.x', E'\';', false); select current_setting('my.x');
==== grants, locks and privileges
create table t (n int); grant select on t to public; revoke all on t from public; alter table t enable row level security; create policy "p;" on t using (n > 0) with check (';' <> $$;;$$); analyze t;
==== copies
copy (select 1, ';') to stdout; copy (select 'a;b' as x) to stdout with (format csv, header, delimiter ';', quote ''''); select 1;
==== markup
select '<a href=";">it''s &lt;--&gt; <!-- x; --> <![CDATA[ ; ]]></a>'; select $xml$<?xml version='1.0'?><a>';</a>$xml$; select '{"a": "\"; --"}'::json; select '{{;}}', '%;%' like '%!;%' escape '!';
==== text in other scripts
select 'Ελληνικά; русский; 日本語; עברית; 🚀;'; select '日本語' as 日本語, 'ñ' as Ñandú; select E'\U0001F680;'; select 'é', 'é';
==== key words as names wherever they may be
create table language (function int, procedure int, trigger int, rule int, "do" int); select function, procedure, trigger, rule from language; create function trigger() returns int return 1; select trigger();
create function function(function int) returns int begin atomic select function; end; select function(1); create view rule as select 1 as atomic; select atomic from rule;
==== key words in capitals
CREATE FUNCTION F() RETURNS INT LANGUAGE SQL BEGIN ATOMIC SELECT 1; SELECT CASE WHEN TRUE THEN 2 END; END; Select F(); CREATE PROCEDURE P() BEGIN ATOMIC SELECT 1 AS END; End; CALL P();
==== transactions
begin; create table t (n int); savepoint s; insert into t values (1); rollback to s; end; select count(*) from t; start transaction; commit and chain; commit;
