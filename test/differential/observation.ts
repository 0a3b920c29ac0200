import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Answer } from '../conformance/relying-party.ts';

/** What of an answer a client can rely on, without values that are new each time. */
export type Observation = Readonly<Record<string, unknown>>;

/** An answer of a JSON endpoint: status, error code, members, and what HTTP says about it. */
export async function observe(response: Response): Promise<Observation> {
  const text = await response.text();
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  const challenge = response.headers.get('www-authenticate')?.split(/[ ,]/)[0];
  return {
    status: response.status,
    ...(body && 'error' in body ? { error: body['error'] } : { members: body && Object.keys(body).sort() }),
    ...(challenge !== undefined && { challenge }),
    stored: !/no-store/.test(response.headers.get('cache-control') ?? ''),
  };
}

/** An answer of the authorization endpoint: at the client, or on a page. */
export function observeAnswer({ callback, parameters, pages }: Answer): Observation {
  if (!callback) return { at: 'page', status: pages.at(-1)?.status };
  const fragment = new URL(callback.url).hash.slice(1);
  const place = callback.method === 'POST' ? 'form' : fragment === '' ? 'query' : 'fragment';
  const answer = place === 'fragment' ? new URLSearchParams(fragment) : parameters;
  return {
    at: 'client',
    place,
    error: answer.get('error') ?? undefined,
    parameters: [...answer.keys()].filter((name) => name !== 'error_description').sort(),
  };
}

/** The type, the algorithm and the names of the claims of a JWT. */
export function observeJwt(jwt: string): Observation {
  const { typ, alg } = decodeProtectedHeader(jwt);
  return { typ, alg, claims: Object.keys(decodeJwt(jwt)).sort() };
}
