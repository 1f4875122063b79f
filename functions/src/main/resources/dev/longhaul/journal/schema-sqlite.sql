-- Longhaul's journal in a SQLite file: the same tables as in schema.sql, with the schema's name as a prefix.
-- Times are UTC text to the second, lists and objects are JSON text.

create table if not exists longhaul_journal (
  version integer primary key,
  installed_at text not null default current_timestamp
);

create table if not exists longhaul_async_migration (
  name text primary key check (length(name) between 1 and 255),
  status text not null check (
    status in ('SCHEDULED', 'STARTED', 'IN PROGRESS', 'FINISHED', 'ERROR', 'PAUSED', 'CANCELLED', 'ROLLED BACK')),
  direction text not null default 'FORWARDS' check (direction in ('FORWARDS', 'BACKWARDS')),
  attempt integer not null default 0,
  failed_attempts integer not null default 0,
  meta text not null default '{}' check (json_type(meta) = 'object'),
  sql_forwards text not null check (json_array_length(sql_forwards) > 0),
  sql_backwards text not null check (json_type(sql_backwards) = 'array'),
  checksum text not null,
  apply_on_sqlite integer not null default 0,
  execute_immediately integer not null default 0,
  depends_on text not null default '[]',
  run_at text,
  time_window text,
  lock_timeout_ms integer,
  detach_after_ms integer,
  max_attempts integer not null,
  requested_by text,
  batch text check (batch is null),
  batch_run integer not null default 0,
  steps_done integer not null default 0,
  steps_total integer not null,
  step_in_doubt integer not null default 0,
  outside_transaction text not null default '[]',
  stop_requested text,
  backend_pid integer,
  backend_start text,
  detached_at text,
  progress text,
  lambda_ms integer not null default 0,
  not_before text,
  next_look_at text,
  created_at text not null default current_timestamp,
  started_at text,
  finished_at text,
  changed_at text not null default current_timestamp,
  changed_by text,
  change_reason text,
  check (failed_attempts between 0 and attempt),
  check (steps_done between 0 and steps_total),
  check ((status in ('STARTED', 'IN PROGRESS')) = (next_look_at is not null)),
  check ((status in ('FINISHED', 'ERROR', 'CANCELLED', 'ROLLED BACK')) = (finished_at is not null)),
  check (status <> 'FINISHED'
    or (direction = 'FORWARDS'
        and (steps_done = steps_total or json_type(meta, '$.skipped') is not null)
        and json_type(meta, '$.error') is null)),
  check (status <> 'ERROR' or json_type(meta, '$.error') is not null)
);

create table if not exists longhaul_async_migration_history (
  id integer primary key autoincrement,
  migration_name text not null references longhaul_async_migration (name),
  from_status text,
  to_status text not null,
  direction text not null,
  attempt integer not null,
  reason text,
  requested_by text,
  at text not null default current_timestamp,
  published_at text
);

create trigger if not exists longhaul_record_registration after insert on longhaul_async_migration
begin
  insert into longhaul_async_migration_history (migration_name, to_status, direction, attempt, reason, requested_by)
  values (new.name, new.status, new.direction, new.attempt, new.change_reason, new.changed_by);
end;

create trigger if not exists longhaul_record_transition after update on longhaul_async_migration
when old.status <> new.status or old.attempt <> new.attempt
begin
  insert into longhaul_async_migration_history (migration_name, from_status, to_status, direction, attempt, reason, requested_by)
  values (new.name, old.status, new.status, new.direction, new.attempt, new.change_reason, new.changed_by);
end;

create trigger if not exists longhaul_append_only before delete on longhaul_async_migration_history
when not (
  julianday(old.at) < julianday('now', '-30 days') and exists (
    select 1 from longhaul_async_migration_history as later
    where later.migration_name = old.migration_name and later.id > old.id))
begin
  select raise(abort, 'the history of migrations is append-only; what is older than 30 days may be deleted, but for the last transition of a migration');
end;

create trigger if not exists longhaul_append_only_as_it_is before update of
    id, migration_name, from_status, to_status, direction, attempt, reason, requested_by, at
  on longhaul_async_migration_history
begin
  select raise(abort, 'the history of migrations is append-only; only published_at may be set');
end;

insert into longhaul_journal (version) values (5) on conflict (version) do nothing;
