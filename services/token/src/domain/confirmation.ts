/** The key that a token is bound to (RFC 7800 3.1): of a DPoP proof (RFC 9449 6) or a client certificate (RFC 8705 3.1). */
export type Confirmation = { readonly jkt: string } | { readonly 'x5t#S256': string };

/** How the token is sent (RFC 6749 7.1, RFC 9449 5); a certificate-bound token is a bearer token to the eye. */
export function tokenTypeOf(confirmation: Confirmation | null): 'Bearer' | 'DPoP' {
  return confirmation && 'jkt' in confirmation ? 'DPoP' : 'Bearer';
}

/** The certificate, where it is one. */
export function certificateOf(confirmation: Confirmation | null): string | null {
  return confirmation && 'x5t#S256' in confirmation ? confirmation['x5t#S256'] : null;
}

/** The DPoP key, where it is one. */
export function dpopKeyOf(confirmation: Confirmation | null): string | null {
  return confirmation && 'jkt' in confirmation ? confirmation.jkt : null;
}
