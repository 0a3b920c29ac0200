/**
 * Whether an Accept header (RFC 9110 12.5.1) names this media type itself, and JSON no more than it. A wildcard asks for
 * nothing in particular, so it stays with JSON.
 */
export function prefers(accept: string | undefined, mediaType: string | undefined): boolean {
  if (accept === undefined || mediaType === undefined) return false;
  const wanted = new Map(accept.split(',').map(weighted));
  const weight = wanted.get(mediaType) ?? 0;
  return weight > 0 && weight >= (wanted.get('application/json') ?? 0);
}

function weighted(range: string): [mediaType: string, weight: number] {
  const [mediaType = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return [mediaType, q === undefined ? 1 : Number(q) || 0];
}
