-- Longhaul's journal, version 5. Idempotent: it may run again at any time, and upgrades an older version.
-- The functions install it themselves; or print it with `longhaul schema` and run it as the schema's owner.
-- PostgreSQL 13 or newer.

-- An upgrade waits behind a script that runs, and everybody would wait behind it.
set local lock_timeout = '5s';

create schema if not exists longhaul;

create table if not exists longhaul.journal (
  version integer primary key,
  installed_at timestamptz not null default now()
);

create table if not exists longhaul.async_migration (
  name text primary key check (length(name) between 1 and 255),
  status text not null,
  direction text not null default 'FORWARDS',
  attempt integer not null default 0,
  failed_attempts integer not null default 0,
  meta jsonb not null default '{}',

  -- What was asked for. The scripts are lists of single statements.
  sql_forwards jsonb not null,
  sql_backwards jsonb not null,
  checksum text not null,
  apply_on_sqlite boolean not null default false,
  execute_immediately boolean not null default false,
  depends_on jsonb not null default '[]',
  run_at timestamptz,
  time_window jsonb,
  lock_timeout_ms bigint,
  detach_after_ms bigint,
  max_attempts integer not null,
  requested_by text,

  -- How the statements that hold :batch walk their table, and how often the walk has begun anew.
  batch jsonb,
  batch_run integer not null default 0,

  -- How far it is.
  steps_done integer not null default 0,
  steps_total integer not null,
  step_in_doubt boolean not null default false,

  -- When the step in doubt was begun, and in which transaction that was written: what is younger is its work.
  step_begun_at timestamptz,
  step_begun_xid xid8,

  outside_transaction jsonb not null default '[]',
  stop_requested text,
  backend_pid integer,
  backend_start timestamptz,

  -- Left to the server by the executor that began it; how far the statement was at the last look.
  detached_at timestamptz,
  progress jsonb,

  -- Time of the functions spent on it, as Lambda bills it.
  lambda_ms bigint not null default 0,

  -- When it may be claimed, and when the sweep looks whether its message got lost.
  not_before timestamptz,
  next_look_at timestamptz,

  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,

  -- The last transition; a trigger copies it to the history.
  changed_at timestamptz not null default now(),
  changed_by text,
  change_reason text,

  constraint known_status check (
    status in ('SCHEDULED', 'STARTED', 'IN PROGRESS', 'FINISHED', 'ERROR', 'PAUSED', 'CANCELLED', 'ROLLED BACK')),
  constraint known_direction check (direction in ('FORWARDS', 'BACKWARDS')),
  constraint attempts_count_up check (failed_attempts between 0 and attempt),
  constraint meta_is_an_object check (jsonb_typeof(meta) = 'object'),
  constraint forwards_holds_statements check (jsonb_typeof(sql_forwards) = 'array' and sql_forwards <> '[]'),
  constraint backwards_is_a_list check (jsonb_typeof(sql_backwards) = 'array'),
  constraint steps_within_total check (steps_done between 0 and steps_total),
  constraint in_progress_has_a_backend check (
    (status = 'IN PROGRESS') = (backend_pid is not null and backend_start is not null)),
  constraint only_in_progress_can_be_asked_to_stop check (
    stop_requested is null or (status = 'IN PROGRESS' and stop_requested in ('PAUSED', 'CANCELLED'))),
  constraint only_live_ones_are_looked_after check (
    (status in ('STARTED', 'IN PROGRESS')) = (next_look_at is not null)),
  constraint an_end_has_a_time check (
    (status in ('FINISHED', 'ERROR', 'CANCELLED', 'ROLLED BACK')) = (finished_at is not null)),
  constraint finished_means_every_step check (
    status <> 'FINISHED'
    or (direction = 'FORWARDS' and (steps_done = steps_total or meta ? 'skipped') and not step_in_doubt and not meta ? 'error')),
  constraint rolled_back_means_every_step check (
    status <> 'ROLLED BACK'
    or (direction = 'BACKWARDS' and steps_done = steps_total and not step_in_doubt and not meta ? 'error')),
  constraint an_error_is_explained check (status <> 'ERROR' or meta ? 'error')
);

alter table longhaul.async_migration
  add column if not exists time_window jsonb,
  add column if not exists detach_after_ms bigint,
  add column if not exists detached_at timestamptz,
  add column if not exists progress jsonb,
  add column if not exists lambda_ms bigint not null default 0,
  add column if not exists batch jsonb,
  add column if not exists batch_run integer not null default 0,
  add column if not exists step_begun_at timestamptz,
  add column if not exists step_begun_xid xid8;

-- How far a batched migration is can be told from its rows, whether it runs or not.
alter table longhaul.async_migration drop constraint if exists only_in_progress_is_watched;
do $$
begin
  if not exists (select from pg_catalog.pg_constraint
                 where conrelid = 'longhaul.async_migration'::regclass and conname = 'only_in_progress_is_left') then
    alter table longhaul.async_migration
      add constraint only_in_progress_is_left check (status = 'IN PROGRESS' or detached_at is null),
      add constraint only_in_progress_or_batched_has_progress check (
        status = 'IN PROGRESS' or batch is not null or progress is null);
  end if;
end
$$;

create index if not exists async_migration_live on longhaul.async_migration (next_look_at)
  where status in ('STARTED', 'IN PROGRESS');
create index if not exists async_migration_by_status on longhaul.async_migration (status, changed_at);
create index if not exists async_migration_due on longhaul.async_migration (run_at)
  where status = 'SCHEDULED';
create index if not exists async_migration_depends_on on longhaul.async_migration using gin (depends_on jsonb_path_ops)
  where depends_on <> '[]';

-- Append-only: every transition, and the outbox of the events that tell of it. What somebody has set
-- on a walk is here as well, from the status to the same one, and published already: it is no event.
-- What is old may be pruned.
create table if not exists longhaul.async_migration_history (
  id bigint generated always as identity primary key,
  migration_name text not null references longhaul.async_migration (name),
  from_status text,
  to_status text not null,
  direction text not null,
  attempt integer not null,
  reason text,
  requested_by text,
  at timestamptz not null,
  published_at timestamptz
);

create index if not exists async_migration_history_by_name
  on longhaul.async_migration_history (migration_name, id);
create index if not exists async_migration_history_unpublished
  on longhaul.async_migration_history (id) where published_at is null;

-- A trigger, so that no transition is missed, whoever makes it; always, since a script may well say
-- session_replication_role = replica.
create or replace function longhaul.record_transition() returns trigger language plpgsql as $$
begin
  insert into longhaul.async_migration_history
    (migration_name, from_status, to_status, direction, attempt, reason, requested_by, at)
  values
    (new.name, case when tg_op = 'UPDATE' then old.status end, new.status, new.direction, new.attempt,
     new.change_reason, new.changed_by, clock_timestamp());
  return null;
end
$$;

create or replace function longhaul.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.at < now() - interval '30 days' and exists (
        select from longhaul.async_migration_history as later
        where later.migration_name = old.migration_name and later.id > old.id) then
      return old;
    end if;
  end if;
  raise exception 'the history of migrations is append-only'
    using errcode = 'restrict_violation',
      hint = 'Only published_at may be set, once; and what is older than 30 days may be deleted, but for the last transition of a migration.';
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_trigger
                 where tgrelid = 'longhaul.async_migration'::regclass and tgname = 'record_registration') then
    create trigger record_registration after insert on longhaul.async_migration
      for each row execute function longhaul.record_transition();
    alter table longhaul.async_migration enable always trigger record_registration;
  end if;
  if not exists (select from pg_catalog.pg_trigger
                 where tgrelid = 'longhaul.async_migration'::regclass and tgname = 'record_transition') then
    create trigger record_transition after update on longhaul.async_migration
      for each row when (old.status <> new.status or old.attempt <> new.attempt)
      execute function longhaul.record_transition();
    alter table longhaul.async_migration enable always trigger record_transition;
  end if;
  if not exists (select from pg_catalog.pg_trigger
                 where tgrelid = 'longhaul.async_migration_history'::regclass and tgname = 'append_only') then
    create trigger append_only before delete or update of
        id, migration_name, from_status, to_status, direction, attempt, reason, requested_by, at
      on longhaul.async_migration_history
      for each row execute function longhaul.refuse_change();
    alter table longhaul.async_migration_history enable always trigger append_only;
  end if;
  if not exists (select from pg_catalog.pg_trigger
                 where tgrelid = 'longhaul.async_migration_history'::regclass and tgname = 'append_only_as_a_whole') then
    create trigger append_only_as_a_whole before truncate on longhaul.async_migration_history
      for each statement execute function longhaul.refuse_change();
    alter table longhaul.async_migration_history enable always trigger append_only_as_a_whole;
  end if;
end
$$;

-- The ranges of keys that a batched migration's table is cut into. Each is walked from lower_key
-- (exclusive, null for the table's start) to upper_key (inclusive); keys are lists of text.
create table if not exists longhaul.async_migration_range (
  migration_name text not null references longhaul.async_migration (name),
  run integer not null,
  step integer not null,
  number integer not null,

  -- Only this attempt may move the cursor, and only from where it has seen it.
  attempt integer not null,
  batches bigint not null default 0,

  lower_key jsonb,
  upper_key jsonb not null,
  cursor_key jsonb,
  -- Of a window that is done in stripes: which of them are.
  stripes jsonb,
  rows_done bigint not null default 0,
  rows_estimated bigint not null,
  done boolean not null default false,
  primary key (migration_name, run, step, number),
  constraint a_range_that_is_done_has_no_stripes check (not done or stripes is null)
) with (fillfactor = 50);

-- Moves a range's cursor in the transaction of the rows that it passes, or ends that transaction:
-- so no row is ever passed twice, whoever tries.
create or replace function longhaul.move_cursor(
  of_migration text, of_run integer, of_step integer, of_number integer, by_attempt integer,
  seen_batches bigint, new_cursor jsonb, new_stripes jsonb, more_rows bigint, is_done boolean)
returns void language plpgsql as $$
begin
  update longhaul.async_migration_range set
    cursor_key = new_cursor, stripes = new_stripes, batches = batches + 1,
    rows_done = rows_done + more_rows, done = is_done
  where migration_name = of_migration and run = of_run and step = of_step and number = of_number
    and attempt = by_attempt and batches = seen_batches and not done;
  if not found then
    raise exception 'another attempt of migration "%" has taken over', of_migration using errcode = 'LH001';
  end if;
end
$$;

-- Rows that a batched migration with on_row_error "skip" has passed over.
create table if not exists longhaul.async_migration_skipped_row (
  migration_name text not null references longhaul.async_migration (name),
  run integer not null,
  step integer not null,
  key jsonb not null,
  sqlstate text not null,
  message text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (migration_name, run, step, key)
);

insert into longhaul.journal (version) values (5) on conflict (version) do nothing;
