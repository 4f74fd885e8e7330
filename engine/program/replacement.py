"""What a program finds under the names of its tables and views, and what stands in the way of replacing it.

Queries over PostgreSQL's catalog, used by a run and by ``program.sql`` alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from headrace.program.marks import mark_of, mark_prefix
from headrace.program.program import Build, Program
from headrace.program.quoting import literal
from headrace.program.refreshing import can_be_refreshed

NOT_OURS = "not ours"
OTHER_OWNER = "other owner"
LEFT_OVER = "left over"
IN_USE = "in use"


def obstacles(program: Program, builds: Iterable[Build]) -> str:
    """A query of (name, kind, problem, what): why the relation ``name`` of the program's schema must stay as it is.

    ``kind`` is PostgreSQL's letter. The problems: ``NOT_OURS`` (``what`` is the mark of its project, or ''),
    ``OTHER_OWNER`` (``what`` is the role), ``LEFT_OVER`` (``what`` is a view of the same project that no program
    makes any more and that reads it) and ``IN_USE`` (``what``, made by others, hangs on it: it would be lost with the
    table, or keeps us from dropping it).
    """
    return f"""{_old(program, builds)}, dependent AS (
  SELECT own.name, own.relkind, d.classid, d.objid, d.objsubid,
    CASE d.classid
      WHEN 'pg_class'::regclass THEN d.objid
      WHEN 'pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_rewrite WHERE oid = d.objid)
      WHEN 'pg_constraint'::regclass THEN (SELECT conrelid FROM pg_constraint WHERE oid = d.objid)
      WHEN 'pg_attrdef'::regclass THEN (SELECT adrelid FROM pg_attrdef WHERE oid = d.objid)
    END AS relation
  FROM own JOIN pg_depend d
    ON d.refclassid = 'pg_class'::regclass AND d.refobjid = own.oid
    OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (own.reltype, own.typarray)
  WHERE NOT CASE d.classid
    WHEN 'pg_class'::regclass
      THEN d.objid IN (SELECT oid FROM own) OR (SELECT relkind IN ('i', 'I', 't') FROM pg_class WHERE oid = d.objid)
    WHEN 'pg_type'::regclass THEN d.objid IN (own.reltype, own.typarray)
    WHEN 'pg_rewrite'::regclass
      THEN EXISTS (SELECT FROM pg_rewrite r JOIN own v ON v.oid = r.ev_class WHERE r.oid = d.objid AND v.relkind = 'v')
    WHEN 'pg_constraint'::regclass
      THEN EXISTS (
        SELECT FROM pg_constraint k JOIN own t ON t.oid = k.conrelid
        WHERE k.oid = d.objid AND k.contype IN ('p', 'u', 'n')
      )
    WHEN 'pg_attrdef'::regclass
      THEN EXISTS (SELECT FROM pg_attrdef a JOIN own t ON t.oid = a.adrelid WHERE a.oid = d.objid)
    WHEN 'pg_trigger'::regclass THEN (SELECT tgisinternal FROM pg_trigger WHERE oid = d.objid)
    WHEN 'pg_statistic_ext'::regclass THEN true
    ELSE false
  END
)
SELECT name, relkind::text AS kind, '{NOT_OURS}' AS problem, mark AS what
FROM old WHERE NOT is_own
UNION ALL
SELECT t.typname, 'T', '{NOT_OURS}', ''
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = {literal(program.schema)} AND t.typname IN (SELECT name FROM target)
  AND t.typrelid = 0 AND t.typelem = 0
UNION ALL
SELECT name, relkind::text, '{OTHER_OWNER}', pg_get_userbyid(relowner)
FROM own WHERE NOT pg_has_role(relowner, 'USAGE')
UNION ALL
SELECT c.relname, c.relkind::text, '{OTHER_OWNER}', pg_get_userbyid(c.relowner)
FROM refreshed JOIN pg_class c USING (oid) WHERE NOT pg_has_role(c.relowner, 'USAGE')
UNION ALL
SELECT d.name, d.relkind::text,
  CASE WHEN starts_with({mark_of("d.relation")}, {literal(mark_prefix(program.project))}) AND c.relkind = 'v'
    THEN '{LEFT_OVER}' ELSE '{IN_USE}' END,
  CASE WHEN d.classid = 'pg_rewrite'::regclass AND c.relkind IN ('v', 'm')
    THEN pg_describe_object('pg_class'::regclass, d.relation, 0)
    ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END
FROM dependent d LEFT JOIN pg_class c ON c.oid = d.relation
UNION
SELECT own.name, own.relkind::text, '{IN_USE}', 'a grant on the column ' || quote_ident(a.attname)
FROM own JOIN pg_attribute a ON a.attrelid = own.oid
WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
UNION
SELECT own.name, own.relkind::text, '{IN_USE}', 'row level security'
FROM own JOIN pg_class c ON c.oid = own.oid
WHERE c.relrowsecurity
ORDER BY 1, 3, 4"""


def old_relations(program: Program, builds: Iterable[Build]) -> str:
    """A query of (name, kind): the tables (``r``) and views (``v``) of the project that ``builds`` replace."""
    return f"{_old(program, builds)}\nSELECT name, relkind::text AS kind FROM own ORDER BY name"


def carried_over(program: Program, builds: Iterable[Build]) -> str:
    """A query of (statement): what makes the new tables and views as open, and as closed, as the old ones.

    These are their grants, the default privileges of the schema (the tables are not created there, so that PostgreSQL
    does not apply them), and the options of views, such as ``security_invoker``.
    """
    builds = tuple(builds)
    schema = literal(program.schema)
    views = ", ".join(literal(build.target.name) for build in builds if build.kind == "view") or "NULL"
    return f"""{_old(program, builds)}, acl AS (
  SELECT own.name, a.grantee, a.privilege_type, a.is_grantable
  FROM own CROSS JOIN LATERAL aclexplode(own.relacl) AS a
  WHERE a.grantee <> own.relowner
  UNION
  SELECT target.name, a.grantee, a.privilege_type, a.is_grantable
  FROM target
  CROSS JOIN pg_default_acl AS d JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
  CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
  WHERE n.nspname = {schema} AND d.defaclobjtype = 'r' AND d.defaclrole = current_user::regrole
)
SELECT format(
  'GRANT %s ON %I.%I TO %s%s', privilege_type, {schema}, name,
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
) AS statement
FROM acl
UNION
SELECT format('ALTER VIEW %I.%I SET (%I = %L)', {schema}, own.name, o.option_name, o.option_value)
FROM own JOIN pg_class c ON c.oid = own.oid CROSS JOIN LATERAL pg_options_to_table(c.reloptions) AS o
WHERE own.relkind = 'v' AND own.name IN ({views})
ORDER BY 1"""


def _old(program: Program, builds: Iterable[Build]) -> str:
    """CTEs: ``target`` (names), ``old`` (what has one of them now), ``own`` (what of it the project made).

    Tables that stay, and get new rows, are none of these but ``refreshed``.
    """
    builds = tuple(builds)
    names = ", ".join(f"({literal(build.target.name)})" for build in builds)
    values = f"VALUES {names}" if names else "SELECT '' WHERE false"
    stays = [
        f"c.relname = {literal(build.target.name)} AND {can_be_refreshed(build.refresh, program.project)}"
        for build in builds
        if build.refresh is not None
    ]
    return f"""WITH refreshed AS (
  SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = {literal(program.schema)} AND ({" OR ".join(f"({each})" for each in stays) or "false"})
), target AS (
  SELECT name FROM ({values}) AS made (name)
  WHERE name NOT IN (SELECT relname FROM refreshed)
), old AS (
  SELECT c.oid, c.relname AS name, c.relkind, c.relowner, c.relacl, c.reltype, t.typarray, m.mark,
    c.relkind IN ('r', 'v') AND starts_with(m.mark, {literal(mark_prefix(program.project))}) AS is_own
  FROM target
  JOIN pg_class c ON c.relname = target.name
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_type t ON t.oid = c.reltype
  CROSS JOIN LATERAL (SELECT {mark_of("c.oid")} AS mark) m
  WHERE n.nspname = {literal(program.schema)}
), own AS (
  SELECT * FROM old WHERE is_own
)"""
