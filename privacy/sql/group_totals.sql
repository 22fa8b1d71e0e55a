-- charge_total: one row per level and group of the item's tree, groups without people included.
insert into charge_total
with leaf_total as (
    select leaf, sum(x) as total
    from charged
    join person_value using (person)
    join unit_constant using (unit_id)
    where charge_id = $charge_id
    group by leaf
)
select $charge_id, level, position, group_id, coalesce(sum(total), 0)::bigint
from group_line left join leaf_total using (leaf)
group by level, position, group_id;
