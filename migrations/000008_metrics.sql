-- min_program: 0.1.0

-- retry requests are counted by state at each scrape, and those that are done are kept for long
create index tb_batch_retry_request_state on mallsync.tb_batch_retry_request (state);
