-- longhaul: depends_on=0001_create_schema

-- migrate:up
insert into labelling.account (id, email, full_name, is_active, created_at)
select n,
       'annotator' || n || '@example.com',
       (array['Ada', 'Grace', 'Linus', 'Mary', 'Edsger', 'Barbara', 'Alan'])[1 + n % 7]
         || ' ' || (array['O''Neill', 'Müller', 'Sørensen', 'Dvořák', '佐藤'])[1 + n % 5],
       n % 10 <> 3,
       timestamptz '2024-01-01 00:00:00+00' + n * interval '7 hours'
from generate_series(1, labelling.sample_rows() / 1000) as n;

insert into labelling.project (id, title, label_config, created_by, created_at)
select n,
       'Project ' || n || ': ' || (array['invoices', 'street scenes', 'call centre', 'x-rays'])[1 + n % 4],
       '<View><Image name="image" value="$image"/><Choices name="choice" toName="image">'
         || '<Choice value="yes; certainly"/><Choice value="no"/></Choices></View>',
       1 + n % (labelling.sample_rows() / 1000),
       timestamptz '2024-01-02 00:00:00+00' + n * interval '9 hours'
from generate_series(1, labelling.sample_rows() / 2000) as n;

select setval('labelling.account_id_seq', max(id)) from labelling.account;
select setval('labelling.project_id_seq', max(id)) from labelling.project;

-- migrate:down
truncate labelling.account, labelling.project restart identity;
