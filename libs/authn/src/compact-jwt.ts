/**
 * Whether the text is a signed JWT in the compact form (RFC 7515 3.1): three parts, each in its only base64url spelling.
 * Lenient decoders take several spellings for the same bytes, and so would take a changed token for the same one.
 */
export function isCompactJwt(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 3 && parts.every(isCanonicalBase64url);
}

function isCanonicalBase64url(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
