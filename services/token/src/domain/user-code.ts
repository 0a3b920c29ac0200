/** RFC 8628 6.1: twenty letters that make no words and are not taken for one another; eight of them have 34 bits. */
export const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
export const USER_CODE_LENGTH = 8;

/** As the device shows it: `XXXX-XXXX`. */
export function displayedUserCode(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** The letters that a person typed, whatever case and punctuation; null where it can be no code. */
export function userCodeOf(typed: string): string | null {
  const letters = typed.toUpperCase().replace(/[\s\p{P}]/gu, '');
  return /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(letters) ? letters : null;
}

/** How many wrong codes may come from one source within the window, of 25 billion that there are. */
export const WRONG_CODES_MAX = 10;
export const WRONG_CODES_WINDOW_S = 600;

/** Whose guesses are counted together: an IPv4 address, or the network of an IPv6 one (/64), which one person has whole. */
export function sourceOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined || !ip.includes(':')) return mapped ?? ip;
  const groups = groupsOf(ip.replace(/%.*$/, ''));
  return `${groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`; // prettier-ignore
}

/** RFC 4291 2.2: `::` stands for as many zeros as there is room. */
function groupsOf(ip: string): string[] {
  const [before = '', after] = ip.split('::');
  const left = before.split(':').filter(Boolean);
  if (after === undefined) return left;
  const right = after.split(':').filter(Boolean);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
}
