//! What a device's signature is, to the bit.

use p256::ecdsa::Signature;

use crate::{
    encoding,
    hash::Hash,
    log::{BadDeviceKey, DeviceKey, Signer, SoftwareKey, low_s},
};

const HASH: Hash = Hash::from_bytes([5; 32]);

fn key(secret: u8) -> SoftwareKey {
    SoftwareKey::from_bytes(&[secret; 32]).unwrap()
}

#[test]
fn a_signature_holds_for_its_hash_and_key_only() {
    let signature = key(1).sign(HASH).unwrap();
    assert!(key(1).public_key().verify(HASH, &signature, "commit").is_ok());
    assert!(key(1).public_key().verify(Hash::ZERO, &signature, "commit").is_err());
    assert!(key(2).public_key().verify(HASH, &signature, "commit").is_err());
    assert!(key(1).public_key().verify(HASH, &[0; 64], "commit").is_err());
}

#[test]
fn the_other_form_of_a_signature_is_refused_until_it_is_put_right() {
    let signature = key(1).sign(HASH).unwrap();
    let (r, s) = Signature::from_slice(&signature).unwrap().split_scalars();
    let high: [u8; 64] = Signature::from_scalars(r, -*s).unwrap().to_bytes().into();
    assert_ne!(high, signature);
    assert!(key(1).public_key().verify(HASH, &high, "commit").is_err());
    assert_eq!(low_s(&high), Some(signature));
    assert_eq!(low_s(&signature), Some(signature));
    assert_eq!(low_s(&[0xFF; 64]), None);
}

#[test]
fn a_key_survives_its_bytes_and_only_a_compressed_point_is_one() {
    let public = key(1).public_key();
    assert_eq!(DeviceKey::from_bytes(&public.to_bytes()), Ok(public));
    assert_eq!(encoding::decode(&encoding::encode(&public)), Ok(public));
    assert_eq!(DeviceKey::from_bytes(&[0; 33]), Err(BadDeviceKey));
    assert_eq!(DeviceKey::from_bytes(&[2; 65]), Err(BadDeviceKey));
    assert_eq!(DeviceKey::from_bytes(&[]), Err(BadDeviceKey));
}

/// The key of RFC 7515, appendix A.3; its thumbprint was computed with another implementation.
#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    let x = "7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445";
    // y = c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad, which is odd.
    let bytes = hex::decode(format!("03{x}")).unwrap();
    let key = DeviceKey::from_bytes(&bytes).unwrap();
    assert_eq!(key.thumbprint(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}
