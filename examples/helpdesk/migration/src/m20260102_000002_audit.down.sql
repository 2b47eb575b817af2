-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
SELECT threadline.drop_triggers('threadline."capture public.organizations"');
DROP FUNCTION IF EXISTS threadline."capture public.organizations"();
DROP FUNCTION IF EXISTS threadline."record public.organizations";
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'organizations';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
SELECT threadline.drop_triggers('threadline."capture public.posts"');
DROP FUNCTION IF EXISTS threadline."capture public.posts"();
DROP FUNCTION IF EXISTS threadline."record public.posts";
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'posts';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
SELECT threadline.drop_triggers('threadline."capture public.ticket_replies"');
DROP FUNCTION IF EXISTS threadline."capture public.ticket_replies"();
DROP FUNCTION IF EXISTS threadline."record public.ticket_replies";
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'ticket_replies';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
SELECT threadline.drop_triggers('threadline."capture public.tickets"');
DROP FUNCTION IF EXISTS threadline."capture public.tickets"();
DROP FUNCTION IF EXISTS threadline."record public.tickets";
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'tickets';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
SELECT threadline.drop_triggers('threadline."capture public.users"');
DROP FUNCTION IF EXISTS threadline."capture public.users"();
DROP FUNCTION IF EXISTS threadline."record public.users";
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'users';

