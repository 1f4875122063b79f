-- From version 1 of the journal in a SQLite file.
alter table longhaul_async_migration add column detach_after_ms integer;
alter table longhaul_async_migration add column detached_at text;
alter table longhaul_async_migration add column progress text;
alter table longhaul_async_migration add column lambda_ms integer not null default 0;
