-- Data protection: what is gone cannot come back, so there is nothing to write under "down".
-- longhaul: depends_on=0002_load_accounts_and_projects

-- migrate:up
update labelling.account
set email = 'removed-' || md5(id::text) || '@example.invalid',
    full_name = 'Removed; see the privacy notice'
where not is_active;

-- migrate:down
