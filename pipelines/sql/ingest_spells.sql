-- spell: one row per run of consecutive snapshots in which a person has the same {values}; load_id and line are
-- those of its first row. Only that person's rows and the declared days decide on it. A row whose {last} lies
-- before its snapshot is of somebody who has left: it ends what came before.
create or replace temp table spell as
with shot as (
    select
        load_id, line, {person}, {values}, snapshot.ordinal, snapshot_day as day, {first} as began, {last} as ended,
        -- two rows that say the same of one snapshot are two contracts
        row_number() over (
            partition by {person}, {values}, snapshot_day order by {first}, {last}, position, line
        ) as copy
    from staged join snapshot using (snapshot_day)
    where failure is null
),
beside as (
    select
        *, lag(ordinal) over same as ordinal_before, lag(day) over same as day_before, lag(ended) over same as ended_before
    from shot
    window same as (partition by {person}, {values}, copy order by ordinal)
),
numbered as (
    select
        *,
        count(*) filter (
            ordinal_before is null
            or ordinal_before < ordinal - 1
            or (ended_before < day_before and ended is distinct from ended_before)
        ) over (partition by {person}, {values}, copy order by ordinal) as run
    from beside
),
run as (
    select
        {person}, {values},
        first(load_id order by ordinal) as load_id, first(line order by ordinal) as line,
        min(ordinal) as first_ordinal, max(ordinal) as last_ordinal,
        min(day) as first_day, max(day) as last_day,
        first(began order by ordinal) as began,
        first(ended order by ordinal) as first_ended, last(ended order by ordinal) as ended
    from numbered group by {person}, {values}, copy, run
),
begun as (
    select
        run.*,
        -- a hire date tells of the first contract, or of one that began after the snapshot before it
        case
            when began > previous.snapshot_day
                or first_ordinal = min(first_ordinal) over (partition by {person}) then coalesce(began, first_day)
            else first_day
        end as begins
    from run left join snapshot as previous on previous.ordinal = run.first_ordinal - 1
),
followed as (
    -- what ended a run that the next snapshot lacks: a contract that began meanwhile, or the person's leaving
    select
        begun.load_id, begun.line,
        min(least(following.begins - 1, case
            when following.first_ended between begun.last_day and following.first_day - 1 then following.first_ended
        end)) as ends
    from begun join begun as following
        on following.{person} = begun.{person} and following.first_ordinal = begun.last_ordinal + 1
    group by begun.load_id, begun.line
)
select
    begun.load_id, begun.line, begun.begins, least(begun.ended, following.snapshot_day - 1, followed.ends) as ends
from begun
left join snapshot as following on following.ordinal = begun.last_ordinal + 1
left join followed on followed.load_id = begun.load_id and followed.line = begun.line;
