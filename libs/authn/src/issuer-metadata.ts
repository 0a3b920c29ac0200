import { Problem } from '@gatehouse/problem';
import { z } from 'zod';

const FETCH_DEADLINE_MS = 2_000;
const BODY_CHARACTERS_MAX = 8_388_608;

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url(), token_endpoint: z.url() });
export type IssuerEndpoints = z.output<typeof metadata>;

/**
 * GETs a JSON document of the issuer within 2 s, without following redirects. Throws `dependency-unavailable`, with the
 * reason as its private cause, when there is no answer, the wrong answer, or one that does not satisfy `schema`.
 */
export async function fetchFromIssuer<S extends z.ZodType>(
  url: string,
  schema: S,
  more: Readonly<Record<string, string>> = {},
): Promise<z.output<S>> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...more },
      redirect: 'error',
      signal: AbortSignal.timeout(FETCH_DEADLINE_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    if (text.length > BODY_CHARACTERS_MAX) throw new Error(`${url} answered ${text.length} characters`);
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Problem('dependency-unavailable', { detail: 'The token issuer cannot be reached.', cause });
  }
}

/** The issuer's authorization server metadata (RFC 8414), fetched when first asked for and then kept. */
export class IssuerMetadata {
  private fetching: Promise<IssuerEndpoints> | undefined;

  constructor(private readonly issuer: string) {}

  /** Throws `dependency-unavailable` while the issuer does not answer; the next call tries again. */
  endpoints(): Promise<IssuerEndpoints> {
    this.fetching ??= this.fetch().catch((error: unknown) => {
      this.fetching = undefined;
      throw error;
    });
    return this.fetching;
  }

  private async fetch(): Promise<IssuerEndpoints> {
    const found = await fetchFromIssuer(metadataUrl(this.issuer), metadata);
    // RFC 8414 3.3: a document of another issuer must not be used.
    if (found.issuer === this.issuer) return found;
    throw new Problem('dependency-unavailable', {
      detail: 'The token issuer cannot be reached.',
      cause: new Error(`metadata names issuer ${found.issuer}, configured is ${this.issuer}`),
    });
  }
}

/** RFC 8414 3: the well-known segment goes between the host and the issuer's own path. */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`;
}
