import { claimsRequest, type ClaimsRequest } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';

/** @throws OAuthError invalid_request where the parameter is not the JSON that OIDC Core 5.5 describes */
export function parseClaimsRequest(text: string | undefined): ClaimsRequest | null {
  if (text === undefined) return null;
  const parsed = claimsRequest.safeParse(jsonOrUndefined(text));
  if (!parsed.success) throw new OAuthError('invalid_request', 'claims is not a claims request (OIDC Core 5.5)');
  return parsed.data;
}

/** The authentication contexts that the request insists on; null where any will do. */
export function essentialAcrValues(claims: ClaimsRequest | null): readonly unknown[] | null {
  const acr = claims?.id_token?.['acr'];
  if (!acr?.essential) return null;
  if (acr.values) return acr.values;
  return acr.value === undefined ? null : [acr.value];
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
