-- takes out the accepted rows of one load.
delete from {export} where load_id = $load_id;
