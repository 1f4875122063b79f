-- From version 2 of the journal in a SQLite file.
alter table longhaul_async_migration add column batch text;
alter table longhaul_async_migration add column batch_run integer not null default 0;
alter table longhaul_async_migration add column time_window text;
