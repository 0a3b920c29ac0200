import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { accountOfPairwise, pairwiseKeysOf, pairwiseSubject, sectorOf } from './subject-identifier.ts';

const keys = pairwiseKeysOf(Buffer.alloc(32, 7));
const ACCOUNT = '01a20b0b-e519-7264-9949-2228eb317b16';
const SECTORS = ['a.example', 'b.example'] as const;

type Make = (account: string, sector: string) => string;
const make: Make = (account, sector) => pairwiseSubject(account, sector, keys);

describe('a pairwise subject (OIDC Core 8.1)', () => {
  test('is the same in one sector for ever, another one in each sector and for each account, and found again', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.domain(), fc.domain(), (account, other, sector, elsewhere) => {
        fc.pre(account !== other && sector !== elsewhere);
        const subject = make(account, sector);
        expect(make(account, sector)).toBe(subject);
        expect(make(other, sector)).not.toBe(subject);
        expect(make(account, elsewhere)).not.toBe(subject);
        expect(accountOfPairwise(subject, keys)).toBe(account);
        expect(subject).toMatch(/^[\w-]{59}$/);
      }),
    );
  });

  test('does not change with a new version of Gatehouse: clients have stored it', () => {
    expect(make(ACCOUNT, 'a.example')).toBe('E5UkzRysr-rqtX-fOpqPo9PTCTUC6EJ0M1CcYJh5Q1hmCSN5uAXmIR8gHVk');
  });

  /** Whether two subjects of one account in two sectors have any eight characters in common, at any place. */
  const correlates = (of: Make) => {
    const [first, second] = SECTORS.map((sector) => of(ACCOUNT, sector));
    const parts = Array.from({ length: (first?.length ?? 0) - 7 }, (_, at) => first?.slice(at, at + 8) ?? '');
    return parts.some((part) => second?.includes(part));
  };

  test('nothing in it is the same in two sectors', () => {
    expect(correlates(make)).toBe(false);
  });

  test('negative control: beside a hash of the account alone, the same is found', () => {
    const half = (account: string) => createHash('sha256').update(account).digest('base64url');
    expect(correlates((account, sector) => make(account, sector) + half(account))).toBe(true);
  });

  test('cannot be guessed from the account without the key', () => {
    expect(pairwiseSubject(ACCOUNT, 'a.example', pairwiseKeysOf(randomBytes(32)))).not.toBe(make(ACCOUNT, 'a.example'));
  });

  test('is of accounts only', () => {
    expect(() => make('demo', 'a.example')).toThrow('only accounts');
  });
});

test.each([
  ['of another key', () => pairwiseSubject(ACCOUNT, 'a.example', pairwiseKeysOf(randomBytes(32)))],
  ['with a bit changed', () => `${make(ACCOUNT, 'a.example').slice(0, 30)}${flipped(make(ACCOUNT, 'a.example')[30])}${make(ACCOUNT, 'a.example').slice(31)}`], // prettier-ignore
  ['cut short', () => make(ACCOUNT, 'a.example').slice(0, -1)],
  ['made longer', () => `${make(ACCOUNT, 'a.example')}AA`],
  ['written in another way', () => `${make(ACCOUNT, 'a.example')}=`],
  ['that is an account', () => randomUUID()],
  ['that is nothing', () => ''],
])('a subject %s is nobody', (_, subject) => {
  expect(accountOfPairwise(subject(), keys)).toBeNull();
});

function flipped(character: string | undefined): string {
  return character === 'A' ? 'B' : 'A';
}

test.each([
  [
    'the host of its redirect URIs',
    { redirect_uris: ['https://a.example/1', 'https://a.example:8443/2'] },
    'a.example',
  ],
  ['the host of its list', { redirect_uris: ['https://a.example/', 'https://b.example/'], sector_identifier_uri: 'https://s.example/list' }, 's.example'], // prettier-ignore
  ['none with several hosts', { redirect_uris: ['https://a.example/', 'https://b.example/'] }, null],
  ['none without redirect URIs', { redirect_uris: [] }, null],
  ['none with a scheme of its own', { redirect_uris: ['com.example.app:/callback'] }, null],
])('the sector of a client is %s', (_, members, sector) => {
  expect(sectorOf({ application_type: 'web', ...members })).toBe(sector);
});

test('the loopback interface of native applications is no sector', () => {
  expect(sectorOf({ application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] })).toBeNull();
});
