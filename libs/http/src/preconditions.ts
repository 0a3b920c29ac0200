import { Problem } from '@gatehouse/problem';

/** The resource, or `not-found`. */
export function existing<R>(resource: R | undefined): R {
  if (resource === undefined) throw new Problem('not-found');
  return resource;
}

/** Throws `precondition-failed` where the caller has seen another version than the present one (RFC 9110 13.1.1). */
export function requireVersion({ version }: { version: number }, headers: { 'if-match'?: string | undefined }): void {
  const expected = headers['if-match'];
  if (expected !== undefined && expected !== entityTag(version)) throw new Problem('precondition-failed');
}

export function entityTag(version: number): string {
  return `"${version}"`;
}
