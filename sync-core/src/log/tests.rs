//! Facts about logs: their bytes, their chains, their signatures and their evidence of time.

mod canonical;
mod chain;
mod device_key;
mod golden;
mod honest_phone;
mod witness;
