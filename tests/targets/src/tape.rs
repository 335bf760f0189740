//! A tape: bytes that decide what happens next.

/// Reads decisions off an input; behind its end it reads zeros.
#[derive(Debug, Clone)]
pub struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// The next byte, as a yes or no.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number below `end`, which is at least one.
    pub fn below(&mut self, end: usize) -> usize {
        let number = if end <= 256 { usize::from(self.byte()) } else { usize::from(self.short()) };
        number % end
    }

    /// The next two bytes.
    pub fn short(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    /// The next eight bytes.
    pub fn long(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A whole number that is often small, often at an edge, and can be any.
    pub fn number(&mut self) -> i64 {
        match self.byte() % 8 {
            0 => 0,
            1 => i64::from(self.byte()),
            2 => -i64::from(self.byte()),
            3 => i64::from(self.short()),
            4 => i64::MAX - i64::from(self.byte()),
            5 => i64::MIN + i64::from(self.byte()),
            6 => i64::from(u32::MAX) - 128 + i64::from(self.byte()),
            _ => self.long() as i64,
        }
    }

    /// The next so many bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let taken = self.take(N);
        bytes[..taken.len()].copy_from_slice(taken);
        bytes
    }

    /// Bytes behind their length of two bytes, as far as there are any.
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.short());
        self.take(length)
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// Damages bytes in the ways that matter: a value, a bit, a byte more or less, a piece moved, doubled or cut off.
pub fn damage(bytes: &mut Vec<u8>, tape: &mut Tape<'_>) {
    let how = tape.byte();
    let at = usize::from(tape.short());
    let value = tape.byte();
    if bytes.is_empty() {
        bytes.push(value);
        return;
    }
    let at = at % bytes.len();
    let length = (usize::from(value) + 1).min(bytes.len() - at);
    match how % 8 {
        0 => bytes[at] = value,
        1 => bytes[at] ^= 1 << (value % 8),
        2 => bytes.insert(at, value),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        5 => {
            let piece = bytes[at..at + length].to_vec();
            bytes.splice(at..at, piece);
        }
        6 => drop(bytes.drain(at..at + length)),
        _ => {
            let new = tape.bytes();
            bytes.splice(at..at + length, new.iter().copied());
        }
    }
}
