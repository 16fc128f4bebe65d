#include "worker/database/catalogue/catalogue_queries.h"

#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

// Davit's own schema is not the application's.
constexpr absl::string_view kCommonExpressions = R"sql(
WITH s AS (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'davit')),
r AS (
  SELECT c.*, s.nspname FROM pg_class c JOIN s ON s.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                    AND d.objid = c.oid AND d.deptype = 'e'))
)sql";

constexpr absl::string_view kSchemas = R"sql(
SELECT 'schema', nspname, '', nspname, '', '', false, false, '', 0 FROM s)sql";

constexpr absl::string_view kTables = R"sql(
SELECT 'table', nspname, '', relname,
  concat_ws(' ', CASE relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' END,
    CASE relpersistence WHEN 'u' THEN 'unlogged' END,
    'owned by ' || pg_get_userbyid(relowner),
    CASE WHEN relrowsecurity THEN 'row security' END,
    CASE WHEN relforcerowsecurity THEN 'forced' END,
    CASE relkind WHEN 'p' THEN 'by ' || pg_get_partkeydef(oid) END,
    (SELECT 'in ' || string_agg(inhparent::regclass::text, ' ' ORDER BY inhseqno)
     FROM pg_inherits WHERE inhrelid = r.oid),
    pg_get_expr(relpartbound, oid)),
  '', false, false, '', oid
FROM r WHERE relkind IN ('r', 'p', 'f'))sql";

constexpr absl::string_view kColumns = R"sql(
SELECT 'column', r.nspname, r.relname, a.attname,
  format_type(a.atttypid, a.atttypmod) ||
    CASE WHEN a.attcollation <> t.typcollation
         THEN ' collate ' || (SELECT collname FROM pg_collation
                                 WHERE oid = a.attcollation) ELSE '' END,
  CASE WHEN a.attidentity = 'a' THEN 'identity always'
       WHEN a.attidentity = 'd' THEN 'identity by default'
       WHEN a.attgenerated <> '' THEN 'generated as ' || pg_get_expr(d.adbin, d.adrelid)
       ELSE coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault, '') END,
  a.attnotnull OR t.typnotnull, false, '', a.attrelid::bigint * 65536 + a.attnum
FROM r JOIN pg_attribute a ON a.attrelid = r.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped)sql";

// Those of constraints are shown by them.
constexpr absl::string_view kIndexes = R"sql(
SELECT 'index', r.nspname, r.relname, c.relname,
  substring(pg_get_indexdef(i.indexrelid) FROM ' (USING .*)$') ||
    CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END,
  '', i.indisunique, i.indexprs IS NOT NULL OR i.indpred IS NOT NULL,
  (SELECT string_agg(a.attname, chr(31) ORDER BY k.n)
   FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n)
   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum), i.indexrelid
FROM pg_index i JOIN r ON r.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
WHERE r.relkind IN ('r', 'p', 'm')
  AND NOT EXISTS (SELECT FROM pg_constraint o
                  WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')))sql";

constexpr absl::string_view kConstraints = R"sql(
SELECT CASE o.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'
    WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check constraint'
    ELSE 'exclusion constraint' END,
  r.nspname, r.relname, o.conname, pg_get_constraintdef(o.oid), '', false, false,
  (SELECT string_agg(a.attname, chr(31) ORDER BY k.n)
   FROM unnest(o.conkey) WITH ORDINALITY k(attnum, n)
   JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.attnum), o.oid
FROM pg_constraint o JOIN r ON r.oid = o.conrelid
WHERE o.contype IN ('p', 'u', 'f', 'c', 'x'))sql";

constexpr absl::string_view kTriggers = R"sql(
SELECT 'trigger', r.nspname, r.relname, g.tgname,
  md5(pg_get_triggerdef(g.oid)) || g.tgenabled::text, '', false, false, '', 0
FROM pg_trigger g JOIN r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT 'policy', r.nspname, r.relname, p.polname,
  md5(concat(p.polcmd, p.polpermissive, p.polroles::text, pg_get_expr(p.polqual, p.polrelid),
             '/', pg_get_expr(p.polwithcheck, p.polrelid))), '', false, false, '', 0
FROM pg_policy p JOIN r ON r.oid = p.polrelid
UNION ALL
SELECT 'rule', r.nspname, r.relname, w.rulename,
  md5(pg_get_ruledef(w.oid)) || w.ev_enabled::text, '', false, false, '', 0
FROM pg_rewrite w JOIN r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN')sql";

constexpr absl::string_view kSequences = R"sql(
SELECT 'sequence', r.nspname, '', r.relname,
  concat_ws(' ', format_type(q.seqtypid, NULL), 'from', q.seqstart, 'by', q.seqincrement,
    'between', q.seqmin, q.seqmax, CASE WHEN q.seqcycle THEN 'cycle' END),
  '', false, false, '', r.oid
FROM pg_sequence q JOIN r ON r.oid = q.seqrelid)sql";

constexpr absl::string_view kViews = R"sql(
SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, nspname, '', relname,
  md5(pg_get_viewdef(oid)), '', false, false, '', oid
FROM r WHERE relkind IN ('v', 'm'))sql";

constexpr absl::string_view kTypes = R"sql(
SELECT CASE t.typtype WHEN 'e' THEN 'enum' ELSE 'type' END, s.nspname, '', t.typname,
  CASE t.typtype
    WHEN 'e' THEN (SELECT string_agg(e.enumlabel, chr(10) ORDER BY e.enumsortorder)
                   FROM pg_enum e WHERE e.enumtypid = t.oid)
    WHEN 'd' THEN concat_ws(' ', 'domain', format_type(t.typbasetype, t.typtypmod),
      CASE WHEN t.typnotnull THEN 'not null' END, t.typdefault,
      (SELECT string_agg(pg_get_constraintdef(o.oid), ' ' ORDER BY o.conname)
       FROM pg_constraint o WHERE o.contypid = t.oid))
    WHEN 'c' THEN (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod),
                                     ', ' ORDER BY a.attnum)
                   FROM pg_attribute a
                   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
    ELSE 'range' END,
  '', false, false, '', t.oid
FROM pg_type t JOIN s ON s.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass
                  AND d.objid = t.oid AND d.deptype = 'e'))sql";

constexpr absl::string_view kFunctions = R"sql(
SELECT 'function', s.nspname, '',
  p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  md5(concat_ws('/', p.prosrc, p.probin, p.prokind, p.provolatile, p.prosecdef, p.proisstrict,
                format_type(p.prorettype, NULL), p.proretset, p.prolang, p.proconfig::text,
                p.proargdefaults)), '', false, false, '', p.oid
FROM pg_proc p JOIN s ON s.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                  AND d.objid = p.oid AND d.deptype = 'e'))sql";

constexpr absl::string_view kExtensions = R"sql(
SELECT 'extension', '', '', extname, extversion, '', false, false, '', 0 FROM pg_extension)sql";

// The owner has all of them, whether they are written down or not.
constexpr absl::string_view kPrivileges = R"sql(
SELECT DISTINCT 'privilege', r.nspname, r.relname,
  a.privilege_type || ' of ' ||
    CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END,
  '', '', false, false, '', 0
FROM r, aclexplode(r.relacl) a
WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND a.grantee <> r.relowner)sql";

constexpr absl::string_view kQueries[] = {
    kSchemas,   kTables, kColumns, kIndexes,   kConstraints, kTriggers,
    kSequences, kViews,  kTypes,   kFunctions, kExtensions,  kPrivileges,
};

}  // namespace

absl::Span<const absl::string_view> CatalogueQueries() { return kQueries; }

std::string CatalogueStatement(absl::string_view select) {
  return absl::StrCat(kCommonExpressions, select);
}

}  // namespace davit::database
