-- One application's role and database, as roles/postgres/tasks/application_apply.yml makes them. Variable: app.
SELECT 'CREATE ROLE applications NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'applications') \gexec
SELECT format('CREATE ROLE %I', :'app') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app') \gexec
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 60;
GRANT applications TO :"app";
SELECT format('CREATE DATABASE %I OWNER %I ENCODING UTF8 TEMPLATE template0', :'app', :'app')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'app') \gexec
REVOKE ALL ON DATABASE :"app" FROM PUBLIC;
