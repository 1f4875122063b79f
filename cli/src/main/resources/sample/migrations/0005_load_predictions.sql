-- A quarter of the rows.
-- longhaul: depends_on=0003_load_tasks

-- migrate:up
insert into labelling.prediction (id, task_id, model_version, score, result, created_at)
select n,
       1 + n % tasks,
       'detector-' || 1 + n / (predictions / 5),
       (n * 7919 % 1000) / 1000.0,
       ('[{"type": "rectanglelabels", "value": {"x": ' || n % 83 || ', "y": ' || n % 71
         || ', "width": ' || 3 + n % 13 || ', "height": ' || 2 + n % 17 || '}}]')::jsonb,
       timestamptz '2024-04-01 00:00:00+00' + n * interval '70 seconds'
from (select labelling.sample_rows() / 5 * 2 as tasks, labelling.sample_rows() / 4 as predictions) as size,
     generate_series(1::bigint, size.predictions) as n;

select setval('labelling.prediction_id_seq', max(id)) from labelling.prediction;

-- migrate:down
truncate labelling.prediction restart identity;
