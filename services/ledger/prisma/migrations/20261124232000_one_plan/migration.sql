-- Left to itself PostgreSQL plans some of the function's statements anew at every call, because it takes a batch to be ten
-- requests and finds a plan for the three that came a little cheaper; planning costs more than the whole work of such a batch.
-- What is asked is the same for every batch, and so is the best plan.
ALTER FUNCTION ledger.post_transactions(jsonb) SET plan_cache_mode = force_generic_plan;
