-- At most one row: the first month of which an export is kept.
select month from kept_from where export = ?;
