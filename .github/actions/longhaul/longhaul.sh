#!/usr/bin/env bash
# Registers migrations from a pipeline, waits for them, and holds back code whose migrations are not finished.
# Needs bash, awk and the aws command (version 1 or 2); how to use it: docs/pipelines.md
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
longhaul.sh register PATH…        register the migrations of files and folders
longhaul.sh wait PATH|NAME…       wait until they are FINISHED
longhaul.sh require PATH|NAME…    fail unless they are FINISHED now
longhaul.sh retry NAME…           run again what has ended as ERROR

LONGHAUL_STACK         the stack's name: its functions are called NAME-RegistrationFunction:live, …
LONGHAUL_TARGET        the database of migrations that name none; default: main
LONGHAUL_TIMEOUT       how long to wait, in seconds; default: 1800
LONGHAUL_INTERVAL      pause between two looks, in seconds; default: 10
LONGHAUL_REQUESTED_BY  recorded in the history; default: the run of this pipeline, where that is known

Exit codes: 0 done; 1 failed or refused; 2 wrong usage, or the time is up
TEXT
  exit 2
}

export LC_ALL=C
target=${LONGHAUL_TARGET:-main}
timeout=${LONGHAUL_TIMEOUT:-1800}
interval=${LONGHAUL_INTERVAL:-10}
# A call that carries more is split. Lambda takes 6 MB, before escaping.
most_files=500
most_bytes=2000000

requested_by=${LONGHAUL_REQUESTED_BY:-}
if [ -z "$requested_by" ]; then
  if [ -n "${GITHUB_RUN_ID:-}" ]; then
    requested_by="${GITHUB_ACTOR:-}, $GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
  else
    requested_by=${CI_JOB_URL:-${CODEBUILD_BUILD_ID:-}}
  fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# To the log, and in GitHub Actions to the run's page as well: problem TITLE TEXT
problem() {
  echo "longhaul: $1: $2" >&2
  if [ "${GITHUB_ACTIONS:-}" = true ]; then
    awk -v title="$1" -v text="$2" 'BEGIN {
      gsub(/%/, "%25", title); gsub(/:/, "%3A", title); gsub(/,/, "%2C", title); gsub(/%/, "%25", text)
      print "::error title=" title "::" text
    }' >&2
  fi
}

fail() {
  problem "$1" "$2"
  exit 1
}

# A JSON string of each line: quote <text
json_strings='
  BEGIN {
    for (i = 1; i < 32; i++) escape[sprintf("%c", i)] = sprintf("\\u%04x", i)
    escape["\""] = "\\\""; escape["\\"] = "\\\\"; escape["\t"] = "\\t"
  }
  function quoted(text,  out, i, c) {
    if (text !~ /["\\\001-\037]/) return text
    for (i = 1; i <= length(text); i++) {
      c = substr(text, i, 1)
      out = out (c in escape ? escape[c] : c)
    }
    return out
  }'

quote() {
  awk "$json_strings"' { printf "\"%s\"", quoted($0) }'
}

# The payload of an .sql file: payload FILE
payload() {
  awk -v file="$1" -v target="$target" -v requested_by="$requested_by" "$json_strings"'
    function wrong(problem) {
      print "longhaul: " file ":" NR ": " problem > "/dev/stderr"
      failed = 1
      exit 1
    }
    function string(text) { return "\"" quoted(text) "\"" }
    function trimmed(text) {
      gsub(/^[ \t]+|[ \t]+$/, "", text)
      return text
    }
    function list(text,  names, n, i, out) {
      n = split(text, names, ",")
      for (i = 1; i <= n; i++) out = out (i > 1 ? "," : "") string(trimmed(names[i]))
      return "[" out "]"
    }
    function option(text,  at, key, value) {
      at = index(text, "=")
      if (section != "" || at == 0)
        wrong("options are lines \"-- longhaul: key=value\" above \"-- migrate:up\"")
      key = trimmed(substr(text, 1, at - 1))
      value = trimmed(substr(text, at + 1))
      if (key in given) wrong("a second " key)
      given[key] = 1
      if (key == "depends_on" || (key == "target" && value ~ /,/)) value = list(value)
      else if (key !~ /^(apply_on_sqlite|execute_immediately|max_attempts|window|batch)$/) value = string(value)
      fields = fields "," string(key) ":" value
    }
    NR == 1 { sub(/^\357\273\277/, "") }
    { sub(/\r$/, "") }
    /^--[ \t]*[Mm][Ii][Gg][Rr][Aa][Tt][Ee][ \t]*:/ {
      if ($0 !~ /^--[ \t]*migrate:(up|down)[ \t]*$/) wrong("a section begins with the line \"-- migrate:up\" or \"-- migrate:down\"")
      next_section = $0 ~ /up[ \t]*$/ ? "forwards" : "backwards"
      if (next_section in sql) wrong("a second \"" $0 "\"")
      if (next_section == "backwards" && section == "") wrong("\"-- migrate:down\" comes after \"-- migrate:up\"")
      section = next_section
      sql[section] = ""
      next
    }
    /^--[ \t]*[Ll][Oo][Nn][Gg][Hh][Aa][Uu][Ll][ \t]*:/ {
      sub(/^[^:]*:/, "")
      option($0)
      next
    }
    section != "" { sql[section] = sql[section] quoted($0) "\\n" }
    END {
      if (failed) exit 1
      if (!("forwards" in sql) || !("backwards" in sql))
        wrong("wants the lines \"-- migrate:up\" and \"-- migrate:down\"; nothing below the second says that it cannot be undone")
      name = file
      sub(/.*\//, "", name)
      sub(/\.sql$/, "", name)
      if (!("target" in given)) fields = fields ",\"target\":" string(target)
      if (requested_by != "" && !("requested_by" in given)) fields = fields ",\"requested_by\":" string(requested_by)
      printf "{\"migration_name\":%s,\"sql_forwards\":\"%s\",\"sql_backwards\":\"%s\"%s}",
        string(name), sql["forwards"], sql["backwards"], fields
    }' "$1"
}

# JSON as lines "path<tab>value", so that nothing else is needed to read it; line ends become spaces.
flatten() {
  awk '
    { s = s $0 "\n" }
    function space() { while (index(" \t\r\n", substr(s, p, 1)) && p <= n) p++ }
    function text(  out, c, run) {
      p++
      while (p <= n && (c = substr(s, p, 1)) != "\"") {
        if (c == "\\") {
          c = substr(s, p + 1, 1)
          out = out (c == "u" ? "\\u" : c ~ /[bfnrt]/ ? " " : c)
          p += 2
        } else {
          run = match(substr(s, p, 256), /["\\]/) ? RSTART - 1 : 256
          out = out substr(s, p, run)
          p += run
        }
      }
      p++
      return out
    }
    function value(path,  c, i, key, start) {
      space()
      c = substr(s, p, 1)
      if (c == "{" || c == "[") {
        p++
        space()
        for (i = 0; p <= n && substr(s, p, 1) !~ /[\]}]/; i++) {
          key = i
          if (c == "{") { key = text(); space(); p++ }
          value(path == "" ? key : path "." key)
          space()
          if (substr(s, p, 1) == ",") { p++; space() }
        }
        p++
      } else if (c == "\"") {
        print path "\t" text()
      } else {
        start = p
        while (p <= n && substr(s, p, 1) !~ /[],} \t\r\n]/) p++
        print path "\t" substr(s, start, p - start)
      }
    }
    END { n = length(s); p = 1; value("") }'
}

# A value of the last answer; nothing where it is null or not there: get PATH
get() {
  awk -v path="$1" 'index($0, path "\t") == 1 {
    value = substr($0, length(path) + 2)
    if (value != "null") print value
    exit
  }' "$work/answer"
}

# Calls a function with the payload in a file: invoke FUNCTION FILE. Fails where the function refuses.
invoke() {
  local function=${LONGHAUL_STACK:+$LONGHAUL_STACK-}$1${LONGHAUL_STACK:+:live} error tries=0
  while true; do
    tries=$((tries + 1))
    if error=$(aws lambda invoke --function-name "$function" --payload "fileb://$2" --cli-read-timeout 900 \
      --query FunctionError --output text "$work/json" 2>"$work/stderr"); then
      flatten <"$work/json" >"$work/answer"
      # A database that wakes up or restarts; nothing was written.
      if [ "$error" = None ] || [ "$(get errorType)" != TargetUnavailable ] || [ "$tries" = 3 ]; then
        break
      fi
      echo "the database does not answer yet, trying again: $(get errorMessage)"
    elif [ "$tries" -lt 30 ] && grep -Eq '\((SnapStartNotReady|ResourceNotReady)Exception\)' "$work/stderr"; then
      # Lambda deletes a snapshot that nobody has used for two weeks, and makes another.
      echo "the function gets ready, trying again"
    else
      cat "$work/stderr" >&2
      fail "calling $function failed" \
        "aws says why, above; check LONGHAUL_STACK, the region, and that this role may invoke the function"
    fi
    sleep "$interval"
  done
  [ "$error" = None ]
}

refused() {
  fail "$(get errorType)" "$(get errorMessage)"
}

# The migration files among paths, folders in the order of their names.
files() {
  local path file found
  for path in "$@"; do
    if [ -d "$path" ]; then
      found=
      for file in "$path"/*.sql "$path"/*.json; do
        [ -f "$file" ] && found="$found$file"$'\n'
      done
      [ -n "$found" ] || fail "$path" "the folder holds no .sql or .json files"
      printf %s "$found" | sort
    elif [ -f "$path" ]; then
      echo "$path"
    else
      fail "$path" "there is no such file or folder"
    fi
  done
}

# Sends what is collected: send FILES PAYLOAD; FILES says which one stands at which place of the call.
send() {
  if ! invoke RegistrationFunction "$2"; then
    # The function counts the migrations of the call; people know their files.
    awk -v message="$(get errorMessage)" '
      { file[NR - 1] = $0 }
      END {
        while (match(message, /migrations\[[0-9]+\]/)) {
          i = substr(message, RSTART + 11, RLENGTH - 12)
          out = out substr(message, 1, RSTART - 1) (i in file ? file[i] : "migration " i)
          message = substr(message, RSTART + RLENGTH)
          sub(/^\./, ": ", message)
        }
        print out message
      }' "$1" >"$work/message"
    fail "$(get errorType)" "$(cat "$work/message")"
  fi
  awk -F '\t' '
    { place = $1; sub(/[^.]*$/, "", place); field = substr($1, length(place) + 1); answer[place field] = $2 }
    field == "migration_name" { places[++n] = place }
    END {
      for (i = 1; i <= n; i++)
        print (answer[places[i] "created"] == "true" ? "registered     " : "known already  ") \
          answer[places[i] "migration_name"] "  " answer[places[i] "status"]
    }' "$work/answer"
}

register() {
  local file bytes=0 count=0
  files "$@" >"$work/all"
  : >"$work/files"
  # Everything is read before anything is sent.
  while IFS= read -r file; do
    case $file in *.sql) payload "$file" >/dev/null || exit 1 ;; esac
  done <"$work/all"
  while IFS= read -r file; do
    case $file in
      *.sql)
        payload "$file" >"$work/next"
        if [ "$count" = "$most_files" ] || [ $((bytes + $(wc -c <"$work/next"))) -gt "$most_bytes" ]; then
          flush
        fi
        [ "$count" = 0 ] || printf , >>"$work/call"
        cat "$work/next" >>"$work/call"
        echo "$file" >>"$work/files"
        count=$((count + 1))
        bytes=$((bytes + $(wc -c <"$work/next")))
        ;;
      *)
        # Such a file is a payload as it is.
        flush
        echo "$file" >"$work/files"
        send "$work/files" "$file"
        : >"$work/files"
        ;;
    esac
  done <"$work/all"
  flush
}

flush() {
  if [ "$count" -gt 0 ]; then
    { printf '{"migrations":[' && cat "$work/call" && printf ']}'; } >"$work/payload"
    send "$work/files" "$work/payload"
  fi
  rm -f "$work/call"
  : >"$work/files"
  count=0
  bytes=0
}

# What is meant, as lines "target<tab>name": names ARGUMENT…
names() {
  local argument file of
  for argument in "$@"; do
    if [ ! -e "$argument" ]; then
      printf '%s\t%s\n' "$target" "$argument"
      continue
    fi
    files "$argument" >"$work/named"
    while IFS= read -r file; do
      case $file in
        *.sql)
          of=$(sed -n 's/^--[ \t]*longhaul[ \t]*:[ \t]*target[ \t]*=[ \t]*\([^ \t\r]*\).*/\1/p' "$file" | head -n 1)
          file=${file##*/}
          printf '%s\t%s\n' "${of:-$target}" "${file%.sql}"
          ;;
        *)
          flatten <"$file" | awk -F '\t' -v target="$target" '
            { at = $1; sub(/[^.]*$/, "", at) }
            $1 ~ /(^|\.)migration_name$/ { name[++n] = $2; place[n] = at }
            $1 ~ /(^|\.)target$/ { of[at] = $2 }
            END { for (i = 1; i <= n; i++) print (place[i] in of ? of[place[i]] : target) "\t" name[i] }'
          ;;
      esac
    done <"$work/named"
  done
}

control() { # ACTION TARGET NAME
  printf '{"action":"%s","target":%s,"migration_name":%s}' \
    "$1" "$(printf %s "$2" | quote)" "$(printf %s "$3" | quote)" >"$work/payload"
  invoke ControlFunction "$work/payload"
}

# The error of the migration that was looked at last, and what to do.
explain() { # NAME
  local line key value
  problem "$1 is ERROR" "$(get meta.error.message)$([ -z "$(get meta.error.sqlstate)" ] || echo " (SQLSTATE $(get meta.error.sqlstate))")"
  for line in SQLSTATE:sqlstate message:message detail:detail hint:hint position:position \
    "statement no.:statement_number" statement:statement next:next; do
    key=${line%%:*}
    value=$(get "meta.error.${line#*:}")
    [ -z "$value" ] || printf '  %-14s %s\n' "$key" "$value" >&2
  done
  printf '  %-14s %s\n' "from here" "longhaul.sh retry '$1', then run this job again" >&2
}

progress() {
  local total
  total=$(get progress.total)
  printf '%s' "$(get status)"
  [ -z "$total" ] || printf ', %s of %s %ss' "$(get progress.done)" "$total" "$(get progress.unit)"
  [ -z "$(get meta.waiting_reason)" ] || printf ', %s' "$(get meta.waiting_reason)"
  [ -z "$(get meta.error.message)" ] || printf ', tries again after: %s' "$(get meta.error.message)"
}

# Looks at all once. Leaves the ones that are not finished in $work/left, with their state; 1 where one has failed.
look() {
  local of name failed=0 status
  : >"$work/left"
  while IFS=$'\t' read -r of name _; do
    control status "$of" "$name" || refused
    status=$(get status)
    case $status in
      FINISHED) echo "$name  FINISHED" ;;
      ERROR)
        explain "$name"
        failed=1
        ;;
      CANCELLED | "ROLLED BACK")
        problem "$name is $status" "to run it again: longhaul.sh retry '$name', then this job"
        failed=1
        ;;
      *) printf '%s\t%s\t%s\n' "$of" "$name" "$(progress)" >>"$work/left" ;;
    esac
  done <"$work/names"
  return "$failed"
}

wait_for() {
  local deadline=$((SECONDS + timeout)) shown='' now
  names "$@" >"$work/names"
  while true; do
    look || exit 1
    [ -s "$work/left" ] || return 0
    now=$(cut -f 2,3 "$work/left" | tr '\t' ' ')
    [ "$now" = "$shown" ] || echo "$now"
    shown=$now
    if [ "$SECONDS" -ge "$deadline" ]; then
      problem "not finished after $timeout s" "$(cut -f 2 "$work/left" | tr '\n' ' ')"
      echo "  next           nothing is lost: it goes on without this job; run the job again to wait on" >&2
      exit 2
    fi
    sleep "$interval"
    cp "$work/left" "$work/names"
  done
}

require() {
  local of name state
  names "$@" >"$work/names"
  look || exit 1
  [ -s "$work/left" ] || return 0
  while IFS=$'\t' read -r of name state; do
    problem "$name is not FINISHED" "$state; the code that needs it is not deployed"
  done <"$work/left"
  echo "  next           run this job again when it has finished, or let longhaul.sh wait do that" >&2
  exit 1
}

retry() {
  local of name
  names "$@" >"$work/names"
  while IFS=$'\t' read -r of name; do
    control retry "$of" "$name" || refused
    echo "$name  $(get status)"
  done <"$work/names"
}

[ $# -ge 2 ] || usage
command=$1
shift
case $command in
  register) register "$@" ;;
  wait) wait_for "$@" ;;
  require) require "$@" ;;
  retry) retry "$@" ;;
  *) usage ;;
esac
