const unreserved = /%(?:2D|2E|5F|7E|3\d|[46][1-9A-F]|[57][\dA])/g;

/**
 * Whether two URLs name the same target once query and fragment are gone, by the syntax and scheme rules of RFC 3986 6.2.2 and 6.2.3 as
 * RFC 9449 4.3 asks: case of scheme, host and percent-encoding, default ports, dot segments, an empty path. False where
 * one is no http URL.
 */
export function sameTarget(left: string, right: string): boolean {
  const target = targetOf(left);
  return target !== undefined && target === targetOf(right);
}

function targetOf(text: string): string | undefined {
  // What URL parsers repair in silence (backslashes, blanks, a missing slash) was never a URL.
  if (!/^https?:\/\/[^/\\@]/i.test(text) || !/^[!-[\]-~]+$/.test(text)) return undefined;
  const url = URL.parse(text);
  if (!url || url.username || url.password) return undefined;
  const path = url.pathname.replace(/%[\da-f]{2}/gi, (encoded) => encoded.toUpperCase());
  return `${url.origin}${path.replace(unreserved, decodeURIComponent)}`;
}
