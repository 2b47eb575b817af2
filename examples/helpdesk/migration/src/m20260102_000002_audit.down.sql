-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
DROP TRIGGER IF EXISTS threadline_insert ON "public"."organizations";
DROP TRIGGER IF EXISTS threadline_update ON "public"."organizations";
DROP TRIGGER IF EXISTS threadline_delete ON "public"."organizations";
DROP TRIGGER IF EXISTS threadline_truncate ON "public"."organizations";
DROP FUNCTION IF EXISTS threadline."capture public.organizations"();
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'organizations';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
DROP TRIGGER IF EXISTS threadline_insert ON "public"."posts";
DROP TRIGGER IF EXISTS threadline_update ON "public"."posts";
DROP TRIGGER IF EXISTS threadline_delete ON "public"."posts";
DROP TRIGGER IF EXISTS threadline_truncate ON "public"."posts";
DROP FUNCTION IF EXISTS threadline."capture public.posts"();
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'posts';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
DROP TRIGGER IF EXISTS threadline_insert ON "public"."ticket_replies";
DROP TRIGGER IF EXISTS threadline_update ON "public"."ticket_replies";
DROP TRIGGER IF EXISTS threadline_delete ON "public"."ticket_replies";
DROP TRIGGER IF EXISTS threadline_truncate ON "public"."ticket_replies";
DROP FUNCTION IF EXISTS threadline."capture public.ticket_replies"();
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'ticket_replies';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
DROP TRIGGER IF EXISTS threadline_insert ON "public"."tickets";
DROP TRIGGER IF EXISTS threadline_update ON "public"."tickets";
DROP TRIGGER IF EXISTS threadline_delete ON "public"."tickets";
DROP TRIGGER IF EXISTS threadline_truncate ON "public"."tickets";
DROP FUNCTION IF EXISTS threadline."capture public.tickets"();
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'tickets';

-- What was recorded stays, and so does the table's row in audited_tables: the past remains readable.
DROP TRIGGER IF EXISTS threadline_insert ON "public"."users";
DROP TRIGGER IF EXISTS threadline_update ON "public"."users";
DROP TRIGGER IF EXISTS threadline_delete ON "public"."users";
DROP TRIGGER IF EXISTS threadline_truncate ON "public"."users";
DROP FUNCTION IF EXISTS threadline."capture public.users"();
UPDATE threadline.audited_tables SET detached_at = clock_timestamp()
WHERE table_schema = 'public' AND table_name = 'users';

