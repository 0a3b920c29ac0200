/** RFC 9126 2.2 recommends 5 to 600 seconds: the client sends the browser on at once. */
export const PUSHED_REQUEST_LIFETIME_S = 60;

const PREFIX = 'urn:ietf:params:oauth:request_uri:';

/** RFC 9126 2.2. */
export function requestUriOf(reference: string): string {
  return PREFIX + reference;
}

/** Null where the URI is none that this server gives out. */
export function referenceOf(requestUri: string): string | null {
  return requestUri.startsWith(PREFIX) ? requestUri.slice(PREFIX.length) : null;
}
