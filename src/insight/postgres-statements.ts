/** Marks our own among PostgreSQL's statistics. */
export const OWN = "ScaletestLook";

/** All but the statements, in one round trip. */
export const ACTIVITY = `-- name: ${OWN} :one
SELECT
  (SELECT json_object_agg(state, n) FROM (
    SELECT coalesce(state, 'unknown') AS state, count(*) AS n FROM pg_stat_activity
    WHERE backend_type = 'client backend' GROUP BY 1) AS s) AS states,
  (SELECT json_object_agg(wait, n) FROM (
    SELECT wait_event_type AS wait, count(*) AS n FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND state = 'active' AND wait_event_type IS NOT NULL
      AND wait_event_type <> 'Client' AND pid <> pg_backend_pid() GROUP BY 1) AS w) AS waits,
  (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS longest,
  (d.xact_commit + d.xact_rollback)::float8 AS transactions,
  d.blks_hit::float8 AS hit,
  d.blks_read::float8 AS read,
  current_setting('max_connections')::int AS most,
  extract(epoch FROM clock_timestamp())::float8 AS at
FROM pg_stat_database AS d WHERE d.datname = current_database()`;

/** Which of it this user may read, and where the statements are. */
export const ABILITIES = `-- name: ${OWN} :one
SELECT
  current_setting('server_version_num')::int AS version,
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS reads_all,
  (SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements') AS schema`;

/** Without their texts: these are in a file of PostgreSQL's. `schema` is quoted. */
export function countsOf(schema: string, version: number): string {
  const time = version >= 130_000 ? "total_exec_time" : "total_time";
  return `-- name: ${OWN} :many
SELECT queryid::text AS id, sum(calls)::float8 AS calls, sum(${time})::float8 AS ms
FROM ${schema}.pg_stat_statements(false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
GROUP BY queryid LIMIT 10000`;
}

export function textsOf(schema: string): string {
  return `-- name: ${OWN} :many
SELECT DISTINCT ON (queryid) queryid::text AS id, left(query, 4000) AS text
FROM ${schema}.pg_stat_statements WHERE queryid = ANY($1::bigint[])`;
}
