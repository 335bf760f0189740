//! The directory as the server sent it: customers and users, read-only on the phone.

use rusqlite::{Connection, OptionalExtension as _, params};
use sync_core::{
    directory::{Customer, User},
    encoding,
    id::CustomerId,
};

use crate::error::Error;

/// Adds or replaces a customer; gives whether that is news.
pub(crate) fn keep_customer(db: &Connection, customer: &Customer) -> Result<bool, Error> {
    let search = [&*customer.name, &*customer.number, &*customer.address, &*customer.contact].join("\n");
    let changed = db
        .prepare_cached(
            "INSERT INTO customers (id, name, search, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, search = excluded.search, body = excluded.body
             WHERE body <> excluded.body",
        )?
        .execute(params![
            customer.id.as_bytes(),
            customer.name,
            search.to_lowercase(),
            encoding::encode(customer)
        ])?;
    db.prepare_cached("UPDATE customers SET told = 1 WHERE id = ?1 AND told = 0")?
        .execute([customer.id.as_bytes()])?;
    Ok(changed > 0)
}

/// Removes a customer who left this phone's scope; gives whether it was there.
pub(crate) fn forget_customer(db: &Connection, id: CustomerId) -> Result<bool, Error> {
    Ok(db.prepare_cached("DELETE FROM customers WHERE id = ?1")?.execute([id.as_bytes()])? > 0)
}

/// One customer, if in scope.
pub(crate) fn customer(db: &Connection, id: CustomerId) -> Result<Option<Customer>, Error> {
    let body: Option<Vec<u8>> = db
        .prepare_cached("SELECT body FROM customers WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?;
    body.map(|body| encoding::decode(&body).map_err(Error::corrupt)).transpose()
}

/// Customers with all the words in name, number, address or contact, by name; at most `limit`.
pub(crate) fn customers(db: &Connection, words: &[String], limit: u32) -> Result<Vec<Customer>, Error> {
    let mut sql = String::from("SELECT body FROM customers WHERE 1");
    for number in 1..=words.len() {
        // instr, not LIKE: a percent sign in the query means a percent sign.
        sql.push_str(&format!(" AND instr(search, ?{number}) > 0"));
    }
    sql.push_str(&format!(" ORDER BY name LIMIT {limit}"));
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(words))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(encoding::decode(&row.get::<_, Vec<u8>>(0)?).map_err(Error::corrupt)?);
    }
    Ok(found)
}

/// Every customer in scope, by name.
pub(crate) fn all_customers(db: &Connection) -> Result<Vec<Customer>, Error> {
    customers(db, &[], u32::MAX)
}

/// Adds or replaces a user; gives whether that is news.
pub(crate) fn keep_user(db: &Connection, user: &User) -> Result<bool, Error> {
    let changed = db
        .prepare_cached(
            "INSERT INTO users (id, body) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET body = excluded.body WHERE body <> excluded.body",
        )?
        .execute(params![user.id.as_bytes(), encoding::encode(user)])?;
    db.prepare_cached("UPDATE users SET told = 1 WHERE id = ?1 AND told = 0")?
        .execute([user.id.as_bytes()])?;
    Ok(changed > 0)
}

/// The users this phone was told of: at least its own, once it has synced.
pub(crate) fn users(db: &Connection) -> Result<Vec<User>, Error> {
    let mut statement = db.prepare_cached("SELECT body FROM users")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(encoding::decode(&row.get::<_, Vec<u8>>(0)?).map_err(Error::corrupt)?);
    }
    Ok(found)
}
