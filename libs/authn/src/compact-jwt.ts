/**
 * The bytes of the three parts of a signed JWT in the compact form (RFC 7515 3.1), each in its only base64url spelling; undefined
 * where the text is none. Lenient decoders take several spellings for the same bytes, and so would take a changed
 * token for the same one.
 */
export function compactParts(text: string): [header: Buffer, payload: Buffer, signature: Buffer] | undefined {
  const parts = text.split('.');
  const [header, payload, signature] = parts.map(canonicalBytes);
  return parts.length === 3 && header && payload && signature ? [header, payload, signature] : undefined;
}

function canonicalBytes(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
