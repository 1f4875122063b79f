package dev.longhaul.cli.demo;

import dev.longhaul.cli.demo.ExpectedEndState.Fact;
import java.util.List;

/// What the catalog and the data say after the scenario.
final class Facts {
  /// By name: Arab, backslash, braces, dashes, dollars, escape, it's quoted, marker, plain; text.
  private static final String TEMPLATES =
      String.join(
          "|",
          "data; !",
          "C:\\labels\\",
          "{d '2024-01-01'} {fn now()} :batch ?",
          "-- not a comment; /* nor this",
          " $$ ; $y$ ; ",
          "it's; a \\ and a tab\t.",
          "a ' b ; c",
          "inside a line it is data: -- migrate:down\n         -- longhaul: and=this too",
          "<View><Text name=\"t\" value=\"$text\"/></View>");

  private Facts() {}

  static List<Fact> of(int rows) {
    return List.of(
        new Fact("accounts", "select count(*) from labelling.account", number(rows / 1_000)),
        new Fact("projects", "select count(*) from labelling.project", number(rows / 2_000)),
        new Fact("tasks", "select count(*) from labelling.task", number(rows / 5 * 2)),
        new Fact(
            "annotations, without the repeated ones",
            "select count(*) from labelling.annotation",
            number(rows / 20 * 7 - rows / 10_000)),
        new Fact("predictions", "select count(*) from labelling.prediction", number(rows / 4)),
        new Fact(
            "the indexes that were built are there, and no others",
            """
            select string_agg(relname, ', ' order by relname collate "C")
            from pg_catalog.pg_index
            join pg_catalog.pg_class on pg_class.oid = indexrelid
            where relnamespace = to_regnamespace('labelling') and relname !~ '_pkey$'
            """,
            "annotation_by_account, annotation_by_task, annotation_created_brin, annotation_once, "
                + "prediction_by_task, project_summary_key, project_title, task; unlabelled, "
                + "task_by_project, task_data, task_external_key, task_recent, task_text_trigram"),
        new Fact(
            "all indexes are valid",
            """
            select count(*)
            from pg_catalog.pg_index
            join pg_catalog.pg_class on pg_class.oid = indexrelid
            where relnamespace = to_regnamespace('labelling')
              and not (indisvalid and indisready and indislive)
            """,
            "0"),
        new Fact(
            "the index for scores is rolled back",
            "select to_regclass('labelling.prediction_by_score') is null",
            "t"),
        new Fact(
            "the drafts are there again", "select count(*) from labelling.annotation_draft", "500"),
        new Fact(
            "foreign keys are validated",
            """
            select string_agg(conname, ', ' order by conname)
            from pg_catalog.pg_constraint
            where connamespace = to_regnamespace('labelling') and contype = 'f' and convalidated
            """,
            "annotation_account, annotation_task, prediction_task, project_created_by_fkey"),
        new Fact(
            "every task must have an external key",
            """
            select attnotnull from pg_catalog.pg_attribute
            where attrelid = to_regclass('labelling.task') and attname = 'external_key'
            """,
            "t"),
        new Fact(
            "every task has its own external key",
            """
            select count(*) filter (where external_key = project_id || '-' || inner_id)
            from labelling.task
            """,
            number(rows / 5 * 2)),
        new Fact(
            "the constraint that proved it is gone",
            """
            select count(*) from pg_catalog.pg_constraint where conname = 'task_external_key_present'
            """,
            "0"),
        new Fact(
            "one annotation of a task by one person",
            """
            select count(*)
            from (select from labelling.annotation
                  where not was_cancelled
                  group by task_id, account_id having count(*) > 1) as repeated
            """,
            "0"),
        new Fact(
            "trigger on annotations is enabled",
            """
            select tgenabled from pg_catalog.pg_trigger
            where tgrelid = to_regclass('labelling.annotation') and tgname = 'annotation_touched'
            """,
            "O"),
        new Fact(
            "project_progress() answers",
            "select bool_and(labelling.project_progress(id) between 1 and 99)"
                + " from labelling.project where id <= 5",
            "t"),
        new Fact(
            "its comment kept quote and line break",
            """
            select obj_description('labelling.project_progress(bigint)'::regprocedure, 'pg_proc')
            """,
            "Percent of a project's tasks that have a label;\nnever null"),
        new Fact(
            "statuses of tasks",
            """
            select string_agg(enumlabel, ', ' order by enumsortorder)
            from pg_catalog.pg_enum where enumtypid = to_regtype('labelling.task_status')
            """,
            "created, in_progress, skipped, completed"),
        new Fact(
            "extended statistics",
            "select stxname from pg_catalog.pg_statistic_ext"
                + " where stxnamespace = to_regnamespace('labelling')",
            "task_project_labelled"),
        new Fact(
            "summary of every project",
            "select count(*) filter (where tasks = 800) from labelling.project_summary",
            number(rows / 2_000)),
        new Fact(
            "templates came through whole",
            """
            select string_agg(config, '|' order by name collate "C") from labelling.label_template
            """,
            TEMPLATES),
        new Fact(
            "the block in two kinds of dollar quotes ran",
            "select cost$in$eur from labelling.label_template where name = 'plain; text'",
            "3.00"),
        new Fact(
            "the rule on templates is there",
            "select count(*) from pg_catalog.pg_rewrite where rulename = 'label_template_keep'",
            "1"),
        new Fact(
            "webhooks have a secret",
            "select count(*) from labelling.webhook where secret_hash = ''",
            "25"),
        new Fact(
            "inactive accounts are anonymous, active ones are not",
            """
            select count(*) from labelling.account
            where is_active = (email like 'removed-%@example.invalid')
               or is_active = (full_name = 'Removed; see the privacy notice')
            """,
            "0"),
        new Fact(
            "nothing is left of the migration with the typing error",
            "select to_regclass('labelling.import_quota') is null",
            "t"),
        new Fact(
            "every row of the usage is priced once",
            "select count(*) filter (where cents = 3 * seconds) from labelling.usage",
            number(rows)),
        new Fact(
            "flags",
            "select string_agg(name, ', ' order by name) from labelling_feature_flag",
            "drafts, fast; risky"));
  }

  private static String number(int value) {
    return Integer.toString(value);
  }
}
