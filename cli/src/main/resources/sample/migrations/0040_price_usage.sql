-- An update of every row in batches, while the product writes to the same table. It adds: a row that were done
-- twice, or not at all, would show.
-- longhaul: depends_on=0039_meter_usage
-- longhaul: batch={"table": "labelling.usage", "key": "id"}

-- migrate:up
update labelling.usage set cents = cents + 3 * seconds where :batch;

-- migrate:down
update labelling.usage set cents = cents - 3 * seconds where :batch;
