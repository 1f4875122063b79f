------------------------------ MODULE Longhaul ------------------------------
(***************************************************************************)
(* The protocol by which Longhaul runs one migration, as it is built.      *)
(* docs/model/README.md says which method of the code each action stands   *)
(* for, what is left out, and how to check it.                             *)
(*                                                                         *)
(* A queue message holds nothing but the migration's name, so the queue is *)
(* a number.  Time is left out: whatever is delayed happens at any later   *)
(* moment.  Each action is one thing that happens at once: one statement   *)
(* that PostgreSQL commits, one message, one fault.                        *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  Executors,    \* each an invocation of the function and its server session
  Script,       \* the kinds of its statements: "unit", "bare" or "batched"
  Batches,      \* how many batches a batched statement takes
  QueueSize,    \* more messages than this are lost
  MaxAttempts,
  Faults, Wishes, Errors,  \* how many of each may happen
  Dropped       \* parts of the protocol that are taken out, to see them missed

Has(part) == part \notin Dropped

VARIABLES
  row,      \* the migration's row in the journal
  range,    \* its row of ranges: who may move the cursor, and the cursor
  queue,    \* how many messages there are
  unsent,   \* a function has committed and is about to send a message
  exec,     \* the executors, each with its session
  effect,   \* how often each piece of the script's work is in the database
  partial,  \* statements of which an interrupted run has left something
  person,   \* a person (or CLI, or schedule) between reading and asking
  left      \* faults, wishes and errors that may still happen

vars == <<row, range, queue, unsent, exec, effect, partial, person, left>>

Length == Len(Script)
Cells  == {c \in (1..Length) \X (1..Batches) : Script[c[1]] = "batched" \/ c[2] = 1}
Live   == {"STARTED", "IN PROGRESS"}
Ends   == {"FINISHED", "ERROR", "CANCELLED", "ROLLED BACK", "PAUSED"}

NoOne   == [at |-> "none", status |-> "", attempt |-> 0, session |-> "none", answer |-> "", batch |-> 0, batchOf |-> 0]
Nothing == [wish |-> "", status |-> "", attempt |-> 0, unapplied |-> FALSE]

Init ==
  /\ row = [status |-> "none", forwards |-> TRUE, attempt |-> 0, fails |-> 0, done |-> 0, doubt |-> FALSE,
            detached |-> FALSE, stop |-> "", run |-> 0]
  /\ range = [run |-> 0, owner |-> 0, cursor |-> 0]
  /\ queue = 0 /\ unsent = FALSE
  /\ exec = [e \in Executors |-> NoOne]
  /\ effect = [c \in Cells |-> 0]
  /\ partial = {}
  /\ person = Nothing
  /\ left = [faults |-> Faults, wishes |-> Wishes, errors |-> Errors]

(***************************************************************************)
(* What the journal's row becomes.                                         *)
(***************************************************************************)
Number(r) == IF r.forwards THEN r.done + 1 ELSE Length - r.done
\* A batched statement is undone in one transaction: batches undone in batches have a fence of their own.
Kind(r) == IF r.forwards \/ Script[Number(r)] # "batched" THEN Script[Number(r)] ELSE "unit"
Work(r) == [c \in Cells |-> IF c[1] # Number(r) THEN effect[c] ELSE IF r.forwards THEN effect[c] + 1 ELSE 0]
IsDone(r) == effect[<<Number(r), 1>>] = IF r.forwards THEN 1 ELSE 0  \* what the catalog says of a "bare" one

Doubtful(r) == r.doubt /\ Kind(r) = "bare"
\* What was begun is looked at once more before the end, unless somebody has died of looking.
GivesUp(r) == r.fails >= MaxAttempts + (IF Doubtful(r) /\ Has("look before the end") THEN 1 ELSE 0)

Leave(r, status) == [r EXCEPT !.status = status, !.stop = "", !.detached = FALSE]
Checkpoint(r) ==
  IF r.done + 1 = Length
  THEN [Leave(r, IF r.forwards THEN "FINISHED" ELSE "ROLLED BACK") EXCEPT !.done = @ + 1, !.doubt = FALSE]
  ELSE [r EXCEPT !.done = @ + 1, !.doubt = FALSE, !.detached = FALSE]
Fail(r) == [Leave(r, IF r.fails + 1 < MaxAttempts THEN "STARTED" ELSE "ERROR") EXCEPT !.fails = @ + 1]
Start(r, forwards, done) ==
  LET same == forwards = r.forwards /\ done = r.done
  IN [r EXCEPT !.status = "STARTED", !.forwards = forwards, !.done = done, !.fails = 0,
               !.doubt = @ /\ same /\ Has("kept doubt"), !.run = IF same THEN @ ELSE @ + 1]

Send == queue' = IF queue < QueueSize THEN queue + 1 ELSE queue

(***************************************************************************)
(* Registering, and what people ask for.  They read the row, and then      *)
(* change it if it still has the status and the attempt that they saw.     *)
(***************************************************************************)
Register ==
  /\ row.status = "none" /\ (Has("send after commit") \/ unsent)
  /\ \E status \in {"SCHEDULED", "STARTED"} : row' = [row EXCEPT !.status = status]
  /\ unsent' = (row'.status = "STARTED" /\ Has("send after commit"))
  /\ UNCHANGED <<range, queue, exec, effect, partial, person, left>>

SendBeforeCommit ==  \* only where that part is dropped: "unsent" is the commit that is still to come
  /\ ~Has("send after commit") /\ row.status = "none" /\ ~unsent
  /\ unsent' = TRUE /\ Send
  /\ UNCHANGED <<row, range, exec, effect, partial, person, left>>

SendAfterCommit ==
  /\ unsent /\ Has("send after commit")
  /\ unsent' = FALSE /\ Send
  /\ UNCHANGED <<row, range, exec, effect, partial, person, left>>

NothingIsApplied ==
  /\ row.forwards /\ row.done = 0 /\ ~row.doubt
  /\ row.attempt = 0 \/ Script[1] # "batched" \/ ~Has("batches count as work")

Read ==
  /\ left.wishes > 0 /\ person = Nothing /\ row.status # "none"
  /\ \E wish \in {"trigger", "pause", "resume", "cancel", "retry", "roll back"} :
       person' = [wish |-> wish, status |-> row.status, attempt |-> row.attempt, unapplied |-> NothingIsApplied]
  /\ left' = [left EXCEPT !.wishes = @ - 1]
  /\ UNCHANGED <<row, range, queue, unsent, exec, effect, partial>>

Asked ==
  LET is(wish, statuses) == person.wish = wish /\ person.status \in statuses IN
  CASE is("trigger", {"SCHEDULED"}) -> Start(row, row.forwards, row.done)
    [] is("pause", {"STARTED"})  -> Leave(row, "PAUSED")
    [] is("cancel", {"SCHEDULED", "STARTED", "PAUSED"}) -> Leave(row, "CANCELLED")
    [] is("pause", {"IN PROGRESS"}) -> IF row.stop = "" THEN [row EXCEPT !.stop = "PAUSED"] ELSE row
    [] is("resume", {"IN PROGRESS"}) -> IF row.stop = "PAUSED" THEN [row EXCEPT !.stop = ""] ELSE row
    [] is("cancel", {"IN PROGRESS"}) -> [row EXCEPT !.stop = "CANCELLED"]
    [] is("resume", {"PAUSED"}) -> Start(row, row.forwards, row.done)
    [] is("retry", {"ERROR", "CANCELLED"}) -> Start(row, row.forwards, row.done)
    [] is("retry", {"ROLLED BACK"}) -> Start(row, TRUE, 0)
    [] person.wish = "roll back" /\ person.unapplied /\ person.status \notin {"IN PROGRESS", "FINISHED"} ->
         [Leave(row, "ROLLED BACK") EXCEPT !.forwards = FALSE, !.done = 0]
    [] person.wish = "roll back" /\ ~person.unapplied /\ person.status \in {"FINISHED", "ERROR", "CANCELLED", "PAUSED"} ->
         Start(row, FALSE, IF row.forwards THEN 0 ELSE row.done)
    [] OTHER -> row

Ask ==
  /\ person # Nothing
  /\ row' = IF Has("guarded steering") => (row.status = person.status /\ row.attempt = person.attempt) THEN Asked ELSE row
  /\ unsent' = (unsent \/ (row'.status = "STARTED" /\ row.status # "STARTED"))
  /\ person' = Nothing
  /\ UNCHANGED <<range, queue, exec, effect, partial, left>>

Sweep ==
  /\ Has("sweep") /\ row.status \in Live /\ queue = 0
  /\ Send
  /\ UNCHANGED <<row, range, unsent, exec, effect, partial, person, left>>

(***************************************************************************)
(* The executor.  Its session is the lease: whoever has a session that     *)
(* holds the migration's lock is the only one.                             *)
(***************************************************************************)
Holder(e)  == exec[e].session # "none"
Mine(e)    == row.status = "IN PROGRESS" /\ row.attempt = exec[e].attempt
Gone(e)    == [exec EXCEPT ![e] = [NoOne EXCEPT !.batch = exec[e].batch, !.batchOf = exec[e].batchOf]]
At(e, at)  == [exec EXCEPT ![e].at = at]
Sends(e, statement, at) == [exec EXCEPT ![e].session = statement, ![e].answer = "", ![e].at = at]

Receive(e) ==
  /\ queue > 0 /\ exec[e] = NoOne
  /\ queue' = queue - 1
  /\ exec' = IF row.status \in Live
             THEN [exec EXCEPT ![e].at = "received", ![e].status = row.status, ![e].attempt = row.attempt]
             ELSE exec
  /\ UNCHANGED <<row, range, unsent, effect, partial, person, left>>

Lock(e) ==
  /\ exec[e].at = "received"
  /\ Has("lock") => \A other \in Executors : ~Holder(other)
  /\ exec' = Sends(e, "idle", "locked")
  /\ UNCHANGED <<row, range, queue, unsent, effect, partial, person, left>>

InFlight(e) ==  \* somebody has the lock: end a session that is forgotten, and look again later
  /\ exec[e].at = "received"
  /\ \E other \in Executors :
       /\ Has("lock") /\ Holder(other)
       /\ exec' = IF exec[other].session = "idle" /\ exec[other].at = "none"
                  THEN [Gone(other) EXCEPT ![e] = NoOne]
                  ELSE Gone(e)
  /\ Send
  /\ UNCHANGED <<row, range, unsent, effect, partial, person, left>>

Claim(e) ==
  /\ exec[e].at = "locked" /\ exec[e].session = "idle"
  /\ IF /\ Has("guarded claim") => (row.status = exec[e].status /\ row.attempt = exec[e].attempt)
        /\ Has("adoption") \/ row.status = "STARTED"
     THEN /\ row' = [row EXCEPT !.status = "IN PROGRESS", !.attempt = @ + 1,
                                !.fails = IF row.status = "IN PROGRESS" /\ ~row.detached THEN @ + 1 ELSE @]
          /\ exec' = [exec EXCEPT ![e].at = "running", ![e].attempt = row.attempt + 1]
          /\ range' = IF Has("fence first") THEN [range EXCEPT !.owner = row.attempt + 1] ELSE range
     ELSE exec' = Gone(e) /\ UNCHANGED <<row, range>>
  /\ UNCHANGED <<queue, unsent, effect, partial, person, left>>

\* The session is lost: nothing is known, a later look finds out.
Lost(e) ==
  /\ exec[e].at \notin {"none", "received"} /\ exec[e].session = "none"
  /\ exec' = Gone(e) /\ Send
  /\ UNCHANGED <<row, range, unsent, effect, partial, person, left>>

\* Records an end and lets the session go; sends for the next attempt.
Record(e, r) == row' = r /\ exec' = Gone(e) /\ Send /\ UNCHANGED <<range, effect, partial>>

\* Between two steps: the journal is read again, and one of these is next.
Next1(e) ==
  /\ exec[e].at = "running" /\ exec[e].session = "idle"
  /\ CASE ~Mine(e) -> Record(e, row)
       [] Mine(e) /\ GivesUp(row) -> Record(e, Leave(row, "ERROR"))
       [] Mine(e) /\ ~GivesUp(row) /\ Doubtful(row) ->
            \/ /\ IsDone(row) \/ ~Has("verification")
               /\ row' = Checkpoint(row) /\ UNCHANGED <<queue, exec, range, effect, partial>>
            \/ /\ ~IsDone(row) /\ Has("verification")
               /\ exec' = At(e, "repairing") /\ UNCHANGED <<queue, row, range, effect, partial>>
       [] Mine(e) /\ ~GivesUp(row) /\ ~Doubtful(row) /\ row.stop # "" ->
            Record(e, Leave(row, row.stop))
       [] Mine(e) /\ ~GivesUp(row) /\ ~Doubtful(row) /\ row.stop = "" /\ row.detached ->
            Record(e, Fail(row))
       [] OTHER ->
            CASE Kind(row) = "unit" ->
                   exec' = Sends(e, "unit", "waiting") /\ UNCHANGED <<queue, row, range, effect, partial>>
              [] Kind(row) = "bare" ->
                   /\ row' = IF Has("doubt") THEN [row EXCEPT !.doubt = TRUE] ELSE row
                   /\ exec' = At(e, "announced") /\ UNCHANGED <<queue, range, effect, partial>>
              [] Kind(row) = "batched" ->
                   /\ range' = [run |-> row.run, owner |-> row.attempt, cursor |-> IF range.run = row.run THEN range.cursor ELSE 0]
                   /\ exec' = At(e, "walking") /\ UNCHANGED <<queue, row, effect, partial>>
  /\ UNCHANGED <<unsent, person, left>>

Begin(e) ==  \* a statement that refuses a transaction
  /\ exec[e].at = "announced" /\ exec[e].session = "idle"
  /\ exec' = Sends(e, "bare", "waiting")
  /\ UNCHANGED <<row, range, queue, unsent, effect, partial, person, left>>

Answered(e) ==
  /\ exec[e].at = "waiting" /\ exec[e].session = "idle"
  /\ \/ exec[e].answer = "unit" /\ exec' = At(e, "running") /\ UNCHANGED <<row, queue>>
     \/ exec[e].answer = "done" /\ exec' = At(e, "running") /\ row' = (IF Mine(e) THEN Checkpoint(row) ELSE row) /\ UNCHANGED queue
     \/ exec[e].answer = "error" /\ exec' = At(e, "failed") /\ UNCHANGED <<row, queue>>
  /\ UNCHANGED <<range, unsent, effect, partial, person, left>>

\* What an unsuccessful statement has left is dropped, which is a statement like any other.  After that the
\* doubt is over: an adopted statement is looked at again, one of this attempt ends it.
Repair(e) ==
  /\ exec[e].at \in {"repairing", "failed"} /\ exec[e].session = "idle"
  /\ LET r == [row EXCEPT !.doubt = FALSE] IN
     IF Kind(row) = "bare" /\ Number(row) \in partial /\ Has("repair")
     THEN exec' = Sends(e, "repair", exec[e].at) /\ UNCHANGED <<row, queue>>
     ELSE IF ~Mine(e) THEN exec' = Gone(e) /\ Send /\ UNCHANGED row
     ELSE IF exec[e].at = "repairing" THEN row' = r /\ exec' = At(e, "running") /\ UNCHANGED queue
     ELSE row' = (IF row.stop # "" THEN Leave(r, row.stop) ELSE Fail(r)) /\ exec' = Gone(e) /\ Send
  /\ UNCHANGED <<range, unsent, effect, partial, person, left>>

Detach(e) ==  \* leaves the statement to the server, and tells the journal by another connection
  /\ exec[e].session \in {"unit", "bare", "repair"} /\ exec[e].at # "none"
  /\ row' = IF Mine(e) THEN [row EXCEPT !.detached = TRUE] ELSE row
  /\ exec' = At(e, "none") /\ Send
  /\ UNCHANGED <<range, unsent, effect, partial, person, left>>

\* A batch runs on a session of its own, which does not hold the lock: a worker beside the lease.
Walk(e) ==
  /\ exec[e].at = "walking" /\ exec[e].session = "idle" /\ exec[e].batch = 0
  /\ IF ~Mine(e) \/ range.owner # exec[e].attempt THEN exec' = Gone(e) /\ Send /\ UNCHANGED row
     ELSE IF row.stop # "" THEN row' = Leave(row, row.stop) /\ exec' = Gone(e) /\ Send
     ELSE IF range.cursor = Batches THEN row' = Checkpoint(row) /\ exec' = At(e, "running") /\ UNCHANGED queue
     ELSE exec' = [exec EXCEPT ![e].batch = range.cursor + 1, ![e].batchOf = exec[e].attempt] /\ UNCHANGED <<row, queue>>
  /\ UNCHANGED <<range, unsent, effect, partial, person, left>>

(***************************************************************************)
(* The server, which goes on whether or not its client lives.              *)
(***************************************************************************)
Ended(e, answer) ==  \* of a session without a client nothing is left
  exec' = IF exec[e].at = "none" THEN Gone(e) ELSE [exec EXCEPT ![e].session = "idle", ![e].answer = answer]

\* The work and the journal's record of it, in one transaction that looks first whether it still counts.
UnitEnds(e) ==
  /\ exec[e].session = "unit"
  /\ IF Mine(e) /\ row.stop = ""
     THEN \/ effect' = Work(row) /\ row' = Checkpoint(row) /\ UNCHANGED left /\ Ended(e, "unit")
          \/ /\ left.errors > 0 /\ left' = [left EXCEPT !.errors = @ - 1]
             /\ row' = Fail(row) /\ UNCHANGED effect /\ Ended(e, "unit")
     ELSE UNCHANGED <<row, effect, left>> /\ Ended(e, "unit")
  /\ Has("one transaction")
  /\ UNCHANGED <<range, queue, unsent, partial, person>>

UnitInTwo(e) ==  \* only where that part is dropped: the work commits, and its record after it
  /\ ~Has("one transaction") /\ exec[e].session = "unit"
  /\ effect' = IF Mine(e) THEN Work(row) ELSE effect
  /\ Ended(e, "done")
  /\ UNCHANGED <<row, range, queue, unsent, partial, person, left>>

BareEnds(e) ==
  /\ exec[e].session = "bare"
  /\ \/ effect' = Work(row) /\ partial' = partial \ {Number(row)} /\ UNCHANGED left /\ Ended(e, "done")
     \/ /\ left.errors > 0 /\ left' = [left EXCEPT !.errors = @ - 1]
        /\ partial' = partial \union {Number(row)} /\ UNCHANGED effect /\ Ended(e, "error")
  /\ UNCHANGED <<row, range, queue, unsent, person>>

RepairEnds(e) ==
  /\ exec[e].session = "repair"
  /\ partial' = partial \ {Number(row)} /\ Ended(e, "")
  /\ UNCHANGED <<row, range, queue, unsent, effect, person, left>>

\* Passed on by whoever asks, or by an executor that looks in.
Cancelled(e) ==
  /\ exec[e].session \in {"unit", "bare"} /\ row.stop # "" /\ row.status = "IN PROGRESS"
  /\ partial' = IF exec[e].session = "bare" THEN partial \union {Number(row)} ELSE partial
  /\ Ended(e, "error")
  /\ UNCHANGED <<row, range, queue, unsent, effect, person, left>>

BatchEnds(e) ==
  /\ exec[e].batch > 0
  /\ IF Has("fence") => (range.owner = exec[e].batchOf /\ range.cursor + 1 = exec[e].batch)
     THEN /\ effect' = [effect EXCEPT ![<<CHOOSE s \in 1..Length : Script[s] = "batched", exec[e].batch>>] = @ + 1]
          /\ range' = [range EXCEPT !.cursor = exec[e].batch]
     ELSE UNCHANGED <<effect, range>>
  /\ exec' = [exec EXCEPT ![e].batch = 0, ![e].batchOf = 0]
  /\ UNCHANGED <<row, queue, unsent, partial, person, left>>

Forgotten(e) ==  \* an idle session whose client is gone ends by itself
  /\ exec[e].session = "idle" /\ exec[e].at = "none"
  /\ exec' = Gone(e)
  /\ UNCHANGED <<row, range, queue, unsent, effect, partial, person, left>>

(***************************************************************************)
(* What goes wrong.                                                        *)
(***************************************************************************)
Fault == left.faults > 0 /\ left' = [left EXCEPT !.faults = @ - 1]

MessageLost ==
  /\ Fault /\ \/ queue > 0 /\ queue' = queue - 1 /\ UNCHANGED unsent
              \/ unsent /\ unsent' = FALSE /\ UNCHANGED queue
  /\ UNCHANGED <<row, range, exec, effect, partial, person>>

MessageDoubled ==
  /\ Fault /\ queue > 0 /\ Send
  /\ UNCHANGED <<row, range, unsent, exec, effect, partial, person>>

ExecutorDies(e) ==
  /\ Fault /\ exec[e].at # "none"
  /\ exec' = IF exec[e].session = "none" THEN Gone(e) ELSE At(e, "none")
  /\ UNCHANGED <<row, range, queue, unsent, effect, partial, person>>

\* An executor with its session lost, or nothing at all if it has gone before.
Without(e) == IF exec[e].at = "none" THEN NoOne ELSE [exec[e] EXCEPT !.session = "none", !.answer = ""]
WithBatchOf(e, r) == [r EXCEPT !.batch = exec[e].batch, !.batchOf = exec[e].batchOf]

Killed(sessions) ==
  /\ exec' = [e \in Executors |-> IF e \in sessions THEN WithBatchOf(e, Without(e)) ELSE exec[e]]
  /\ \/ UNCHANGED partial
     \/ /\ \E e \in sessions : exec[e].session = "bare"
        /\ partial' = partial \union {Number(row)}

SessionDies(e) ==
  /\ Fault /\ Holder(e) /\ Killed({e})
  /\ UNCHANGED <<row, range, queue, unsent, effect, person>>

WorkerDies(e) ==
  /\ Fault /\ exec[e].batch > 0
  /\ exec' = [exec EXCEPT ![e].batch = 0, ![e].batchOf = 0]
  /\ UNCHANGED <<row, range, queue, unsent, effect, partial, person>>

DatabaseDies ==
  /\ Fault /\ \E e \in Executors : Holder(e) \/ exec[e].batch > 0
  /\ exec' = [e \in Executors |-> [Without(e) EXCEPT !.batch = 0, !.batchOf = 0]]
  /\ \/ UNCHANGED partial
     \/ (\E e \in Executors : exec[e].session = "bare") /\ partial' = partial \union {Number(row)}
  /\ UNCHANGED <<row, range, queue, unsent, effect, person>>

Goes(e) ==
  \/ Lock(e) \/ InFlight(e) \/ Claim(e) \/ Lost(e) \/ Next1(e) \/ Begin(e) \/ Answered(e) \/ Repair(e) \/ Walk(e)
  \/ UnitEnds(e) \/ UnitInTwo(e) \/ BareEnds(e) \/ RepairEnds(e) \/ BatchEnds(e) \/ Forgotten(e)

Next ==
  \/ Register \/ SendBeforeCommit \/ SendAfterCommit \/ Read \/ Ask \/ Sweep
  \/ MessageLost \/ MessageDoubled \/ DatabaseDies
  \/ \E e \in Executors : \/ Receive(e) \/ Goes(e) \/ Detach(e) \/ Cancelled(e)
                          \/ ExecutorDies(e) \/ SessionDies(e) \/ WorkerDies(e)

Spec ==
  /\ Init /\ [][Next]_vars
  /\ WF_vars(Register \/ SendBeforeCommit) /\ WF_vars(SendAfterCommit) /\ WF_vars(Ask) /\ WF_vars(Sweep)
  /\ WF_vars(\E e \in Executors : Receive(e))
  /\ \A e \in Executors : WF_vars(Goes(e))

(***************************************************************************)
(* What has to hold.                                                       *)
(***************************************************************************)
OneLiveBackend == Cardinality({e \in Executors : exec[e].session \in {"unit", "bare", "repair"}}) <= 1

NothingTwice == \A c \in Cells : effect[c] <= 1

FinishedIsDone == row.status = "FINISHED" => partial = {} /\ \A c \in Cells : effect[c] = 1

RolledBackIsUndone == row.status = "ROLLED BACK" => partial = {} /\ \A c \in Cells : effect[c] = 0

Transitions ==
  {<<"none", "SCHEDULED">>, <<"none", "STARTED">>, <<"SCHEDULED", "STARTED">>, <<"STARTED", "IN PROGRESS">>,
   <<"IN PROGRESS", "STARTED">>, <<"IN PROGRESS", "FINISHED">>, <<"IN PROGRESS", "ERROR">>, <<"PAUSED", "STARTED">>}
  \union ({"STARTED", "IN PROGRESS"} \X {"PAUSED"})
  \union ({"SCHEDULED", "STARTED", "IN PROGRESS", "PAUSED"} \X {"CANCELLED"})
  \union ({"ERROR", "CANCELLED", "ROLLED BACK", "FINISHED"} \X {"STARTED"})
  \union ({"IN PROGRESS", "SCHEDULED", "STARTED", "ERROR", "CANCELLED", "PAUSED"} \X {"ROLLED BACK"})

HistoryIsLegal == [][row'.status # row.status => <<row.status, row'.status>> \in Transitions]_vars

WhatStartsEnds == row.status \in Live ~> row.status \in Ends
=============================================================================
