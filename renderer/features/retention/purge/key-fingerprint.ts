// The fingerprint of a public key as everybody can compare it aloud: SHA-256 of its bytes, hex. It verifies no signature; core does.

/** @param publicKey base64. Null when it is no base64. */
export async function keyFingerprint(publicKey: string): Promise<string | null> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.from(atob(publicKey), (letter) => letter.codePointAt(0) ?? 0);
  } catch {
    return null;
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
