import type { IncomingHttpHeaders } from 'node:http';

/**
 * For how many seconds an answer may be used again without asking (RFC 9111 4.2): 0 where it must not be kept or is past that,
 * null where it says nothing. `public`, `private` and `s-maxage` are for caches between us and the server.
 */
export function freshnessOf(headers: IncomingHttpHeaders, nowMs: number): number | null {
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim()); // -- joined by Node
  if (directives.includes('no-store') || directives.some((one) => /^no-cache(?:=|$)/.test(one))) return 0;
  const ages = directives.filter((one) => one.startsWith('max-age='));
  if (ages.length > 0) return Math.max(0, Math.min(...ages.map(secondsOf)) - ageOf(headers));
  if (headers.expires === undefined) return null;
  const from = Date.parse(headers.date ?? '');
  const until = Date.parse(headers.expires);
  // RFC 9111 5.3: what is no date is in the past.
  const lifetimeS = (until - (Number.isNaN(from) ? nowMs : from)) / 1_000;
  return Number.isNaN(lifetimeS) ? 0 : Math.max(0, lifetimeS - ageOf(headers));
}

/** RFC 9111 4.2.1: whatever is no number makes the answer stale. */
function secondsOf(directive: string): number {
  const [, digits] = /^max-age="?(\d{1,10})"?$/.exec(directive) ?? [];
  return digits === undefined ? 0 : Number(digits);
}

function ageOf({ age }: IncomingHttpHeaders): number {
  return age !== undefined && /^\d{1,10}$/.test(age) ? Number(age) : 0;
}
