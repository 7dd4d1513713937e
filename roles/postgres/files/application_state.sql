-- One row on an application: what the others may open, and whether its roles and database are as the role makes them.
SELECT
    others.connections,
    others.names,
    coalesce(role.rolpassword, '') AS verifier,
    coalesce(role.rolconnlimit, -1) AS connection_limit,
    coalesce(second.rolpassword, '') AS second_verifier,
    coalesce(
        role.rolcanlogin = %(may_login)s
        AND coalesce(second.rolcanlogin, false) = %(second_may_login)s
        AND NOT (role.rolsuper OR role.rolcreatedb OR role.rolcreaterole OR role.rolreplication)
        AND EXISTS (
            SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
            WHERE g.rolname = %(group)s AND m.member = role.oid
        )
        AND db.datdba = role.oid
        AND pg_encoding_to_char(db.encoding) = 'UTF8'
        -- Grantee 0 is PUBLIC: every other role of the server.
        AND NOT EXISTS (
            SELECT FROM aclexplode(coalesce(db.datacl, acldefault('d', db.datdba))) AS acl WHERE acl.grantee = 0
        ),
        false
    ) AS settled
FROM (
    SELECT
        coalesce(sum(r.rolconnlimit), 0)::int AS connections,
        coalesce(string_agg(r.rolname, ', '), 'none') AS names
    FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
    WHERE g.rolname = %(group)s AND r.rolname <> %(name)s
) AS others
LEFT JOIN pg_authid AS role ON role.rolname = %(name)s
LEFT JOIN pg_authid AS second ON second.rolname = %(second)s
LEFT JOIN pg_database AS db ON db.datname = %(name)s
