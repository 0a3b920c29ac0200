/**
 * An id that the server makes. It can never be an account's: those are UUIDs, and this has a prefix that no UUID has
 * (RFC 9700 4.15).
 */
export function clientId(randomBytes: Buffer): string {
  return `client-${randomBytes.toString('hex')}`;
}

/** Names a secret without telling anything of it: 64 bits of the hash of 256 random bits. */
export function secretId(hash: Buffer): string {
  return hash.subarray(0, 8).toString('hex');
}
