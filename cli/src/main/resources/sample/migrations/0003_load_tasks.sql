-- Two fifths of the rows. Everything follows from the row's number, so that every run makes the same data.
-- longhaul: depends_on=0002_load_accounts_and_projects

-- migrate:up
insert into labelling.task (id, project_id, inner_id, data, status, is_labelled, created_at)
select n,
       1 + n % projects,
       1 + n / projects,
       ('{"text": "'
         || (array['a red', 'an old', 'the last', 'one small', 'some other', 'no'])[1 + n % 6] || ' '
         || (array['invoice', 'bicycle', 'customer', 'fracture', 'crossing', 'signature', 'receipt'])[1 + n / 3 % 7]
         || ' ' || (array['near', 'without', 'behind', 'under'])[1 + n / 5 % 4] || ' '
         || (array['the station', 'a stamp', 'its owner', 'the left knee', 'bright light'])[1 + n / 7 % 5]
         || ' ' || n
         || '", "' || case when n % 5 = 0 then 'audio' else 'image' end
         || '": "s3://labelling-media/' || n % 64 || '/' || substr(md5(n::text), 1, 12)
         || '", "language": "' || (array['en', 'de', 'ja', 'pt'])[1 + n % 4]
         || '", "source": {"batch": ' || n / 5000 || ', "page": ' || n % 900 || '}}')::jsonb,
       (array['completed', 'completed', 'in_progress', 'created'])[1 + n / 3 % 4]::labelling.task_status,
       n / 3 % 4 < 2,
       timestamptz '2024-02-01 00:00:00+00' + n * interval '45 seconds'
from (select labelling.sample_rows() / 2000 as projects, labelling.sample_rows() / 5 * 2 as tasks) as size,
     generate_series(1, size.tasks) as n;

select setval('labelling.task_id_seq', max(id)) from labelling.task;

-- migrate:down
truncate labelling.task restart identity;
