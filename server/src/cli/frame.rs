//! A frame on the console's socket: four bytes of length, most significant first, and JSON.

use std::io;

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::import::MAX_FILE_BYTES;

/// The largest frame: two import files in base64, and room for what stands beside them.
pub(super) const MAX_FRAME_BYTES: usize = 2 * (MAX_FILE_BYTES / 3 * 4) + 4 * 1024 * 1024;

/// Writes a value as one frame.
pub(super) async fn write<T: Serialize>(stream: &mut (impl AsyncWrite + Unpin), value: &T) -> io::Result<()> {
    let bytes = serde_json::to_vec(value)?;
    let length =
        u32::try_from(bytes.len()).ok().filter(|length| *length as usize <= MAX_FRAME_BYTES).ok_or_else(
            || io::Error::new(io::ErrorKind::InvalidData, "there is more to say than a frame holds"),
        )?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(&bytes).await?;
    stream.flush().await
}

/// Reads one frame; memory is taken as bytes arrive, not as the length claims.
pub(super) async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let length = stream.read_u32().await?;
    if length as usize > MAX_FRAME_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the frame is larger than any may be"));
    }
    let mut bytes = Vec::new();
    stream.take(length.into()).read_to_end(&mut bytes).await?;
    if bytes.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, &vec!["a", "b"]).await.unwrap();
        let read: Vec<String> = read(&mut bytes.as_slice()).await.unwrap();
        assert_eq!(read, ["a", "b"]);
    }

    #[tokio::test]
    async fn a_frame_that_claims_too_much_or_ends_early_is_refused() {
        let claims = [u32::MAX.to_be_bytes().as_slice(), b"{}"].concat();
        let error = read::<serde_json::Value>(&mut claims.as_slice()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let short = [9_u32.to_be_bytes().as_slice(), b"{}"].concat();
        let error = read::<serde_json::Value>(&mut short.as_slice()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
