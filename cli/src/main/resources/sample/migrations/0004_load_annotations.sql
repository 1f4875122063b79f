-- Seven twentieths of the rows. The last ten-thousandth part repeats the first annotations: a client that
-- sent its work twice, which nobody noticed until a unique index was wanted.
-- longhaul: depends_on=0003_load_tasks

-- migrate:up
insert into labelling.annotation (id, task_id, account_id, result, was_cancelled, lead_time_seconds, created_at)
select n,
       task_id,
       1 + (task_id * 31 + origin / (tasks / 2) * 7) % accounts,
       ('[{"from_name": "choice", "to_name": "image", "type": "choices", "value": {"choices": ["'
         || case when origin % 3 = 0 then 'no' else 'yes; certainly' end || '"]}}]')::jsonb,
       origin % 11 = 0 and origin > annotations / 2,
       5 + origin % 241 / 4.0,
       timestamptz '2024-03-01 00:00:00+00' + n * interval '50 seconds'
from (select labelling.sample_rows() / 1000 as accounts,
             labelling.sample_rows() / 5 * 2 as tasks,
             labelling.sample_rows() / 20 * 7 as annotations,
             labelling.sample_rows() / 10000 as repeated) as size,
     generate_series(1, size.annotations) as n,
     lateral (select case when n > annotations - repeated then n - (annotations - repeated) else n end as origin) as o,
     lateral (select 1 + origin % (tasks / 2) as task_id) as t;

select setval('labelling.annotation_id_seq', max(id)) from labelling.annotation;

-- migrate:down
truncate labelling.annotation restart identity;
