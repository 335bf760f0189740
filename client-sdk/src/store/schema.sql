-- Schema 3 of a book. Times are milliseconds since 1970 UTC; ids and hashes are raw bytes.

-- One row: whether the last process closed the book, and by which reading its facts were read.
CREATE TABLE book (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    closed_cleanly INTEGER NOT NULL,
    facts          BLOB
) STRICT;
INSERT INTO book (id, closed_cleanly) VALUES (1, 1);

-- Every enrolment of this phone; the one in use is 'current', 'forked' or 'revoked', those before it are 'past'.
CREATE TABLE enrolments (
    device        BLOB PRIMARY KEY,
    tenant        BLOB NOT NULL,
    user          BLOB NOT NULL,
    server_url    TEXT NOT NULL,
    server_key    BLOB NOT NULL,
    public_key    BLOB NOT NULL,
    key_handle    BLOB NOT NULL,
    enrolled_ms   INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('current', 'forked', 'revoked', 'past')),
    refresh_token TEXT NOT NULL,
    cursor        INTEGER NOT NULL DEFAULT 0,
    witness       BLOB,
    run           BLOB
) STRICT;
CREATE UNIQUE INDEX one_enrolment_in_use ON enrolments ((state <> 'past')) WHERE state <> 'past';

-- The log, which is also the outbox: what has no receipt has not arrived.
CREATE TABLE entries (
    device     BLOB NOT NULL REFERENCES enrolments (device),
    number     INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    kind       TEXT NOT NULL,
    document   BLOB,
    change     BLOB,
    written_ms INTEGER NOT NULL,
    received   INTEGER NOT NULL DEFAULT 0,
    refusal    TEXT,
    detail     TEXT,
    dismissed  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (device, number),
    UNIQUE (device, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_open ON entries (device, number) WHERE received = 0;
CREATE INDEX entries_refused ON entries (device, number) WHERE refusal IS NOT NULL AND dismissed = 0;
CREATE INDEX entries_of_document ON entries (document, number) WHERE document IS NOT NULL;

-- The server's signed statements, kept for ever.
CREATE TABLE receipts (
    device BLOB NOT NULL REFERENCES enrolments (device),
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (device, first, last)
) STRICT;
CREATE TABLE anchors (
    hash     BLOB PRIMARY KEY,
    device   BLOB NOT NULL REFERENCES enrolments (device),
    sequence INTEGER NOT NULL,
    time_ms  INTEGER NOT NULL,
    boot     BLOB NOT NULL,
    boot_ms  INTEGER NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;
CREATE INDEX anchors_by_time ON anchors (time_ms);
CREATE INDEX anchors_by_boot ON anchors (boot, time_ms);

-- Documents of every kind as saved bytes, with what the lists need beside them. The first byte of an id is the kind.
CREATE TABLE documents (
    id           BLOB PRIMARY KEY,
    saved        BLOB NOT NULL,
    customer     BLOB,
    rep          BLOB,
    planned_ms   INTEGER,
    started_ms   INTEGER,
    ended_ms     INTEGER,
    submitted_ms INTEGER,
    phase        TEXT NOT NULL,
    day_ms       INTEGER NOT NULL,
    about        BLOB
) STRICT;
CREATE INDEX documents_by_day ON documents (day_ms);
CREATE INDEX documents_by_customer ON documents (customer);
CREATE INDEX documents_by_phase ON documents (phase);
CREATE INDEX documents_by_about ON documents (about) WHERE about IS NOT NULL;

-- What rules see of each document, made of it and of what the server says of it; written with either.
CREATE TABLE facts (
    id       BLOB PRIMARY KEY,
    document BLOB NOT NULL,
    fact     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_of_document ON facts (document);

-- Every change there ever was, so that a document can be built again without some of them. 'here': only in this
-- book; 'there': the server has it too; 'aside': of an earlier enrolment, to be
-- made again; 'left_out': not part of its document any more.
CREATE TABLE changes (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    hash     BLOB NOT NULL UNIQUE,
    document BLOB NOT NULL,
    author   BLOB NOT NULL,
    bytes    BLOB NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('here', 'there', 'aside', 'left_out'))
) STRICT;
CREATE INDEX changes_of_document ON changes (document, position);
CREATE INDEX changes_here ON changes (author, document) WHERE state = 'here';
CREATE INDEX changes_aside ON changes (document) WHERE state = 'aside';

-- Changes of earlier enrolments and of other phones that the server had, until it shows them again. What is left after a
-- whole pull was lost by a server that was restored from a backup.
CREATE TABLE unconfirmed (
    change BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What arrived from the server and failed the phone's own checks.
CREATE TABLE distrusted (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document    BLOB NOT NULL,
    author      BLOB NOT NULL,
    bytes       BLOB NOT NULL,
    code        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    received_ms INTEGER NOT NULL
) STRICT;

-- What the server says of each record, and as of how many records of its journal.
CREATE TABLE records (
    document BLOB PRIMARY KEY,
    status   BLOB NOT NULL,
    as_of    INTEGER NOT NULL
) STRICT;

-- The directory and the rules, read-only on the phone.
CREATE TABLE customers (
    id     BLOB PRIMARY KEY,
    name   TEXT NOT NULL,
    search TEXT NOT NULL,
    body   BLOB NOT NULL,
    told   INTEGER NOT NULL DEFAULT 1 -- 0 while a pull from the beginning of the feed has not told of it again
) STRICT;
CREATE INDEX customers_by_name ON customers (name);
CREATE INDEX customers_untold ON customers (told) WHERE told = 0;
CREATE TABLE users (
    id   BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    told INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX users_untold ON users (told) WHERE told = 0;
CREATE TABLE packs (
    id             TEXT NOT NULL,
    version        INTEGER NOT NULL,
    effective_from TEXT NOT NULL,
    toml           TEXT NOT NULL,
    told           INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (id, version)
) STRICT;
CREATE TABLE calendars (
    year INTEGER PRIMARY KEY,
    ics  TEXT NOT NULL,
    told INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What came back, until the app has read it.
CREATE TABLE events (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL
) STRICT;
