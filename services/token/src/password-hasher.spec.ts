import { verify } from '@node-rs/argon2';
import { hashPassword, PasswordHasher } from './password-hasher.ts';

const limits = { concurrency: 1, queue: 100 };

test('a hash is argon2id at the declared cost, salted, and verifies its password only', async () => {
  const passwords = new PasswordHasher(limits);
  const [one, other] = await Promise.all([passwords.hash('p4ssw0rd!'), passwords.hash('p4ssw0rd!')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(other).not.toBe(one);
  expect(await passwords.verify(one, 'p4ssw0rd!')).toBe(true);
  expect(await passwords.verify(one, 'p4ssw0rd?')).toBe(false);
});

test('characters that look the same are the same password, however they were composed', async () => {
  const passwords = new PasswordHasher(limits);
  expect(await passwords.verify(await hashPassword('caf\u00e9 au lait'), 'cafe\u0301 au lait')).toBe(true);
});

test('nobody has the password of an account that does not exist', async () => {
  const passwords = new PasswordHasher(limits);
  expect(await passwords.verify(null, 'the account that does not exist')).toBe(false);
});

test('no more run at a time than allowed, no more wait than allowed, and one more is refused at once', async () => {
  const passwords = new PasswordHasher({ concurrency: 2, queue: 3 });
  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => passwords.hash('p4ssw0rd!')));
  const outcomes = settled.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as { code: string }).code));
  expect(outcomes).toEqual(['done', 'done', 'done', 'done', 'done', 'overloaded', 'overloaded', 'overloaded']);
  await expect(passwords.hash('there is room again')).resolves.toMatch(/^\$argon2id/);
});

describe('the work of an answer', () => {
  type Verify = (stored: string | null, password: string) => Promise<boolean>;

  /** Processor time without an account as a share of that with one; unlike the time on the wall it ignores neighbours. */
  async function shareWithoutAccount(verifyPassword: Verify): Promise<number> {
    const stored = await hashPassword('p4ssw0rd!');
    const known = await cpuMs(() => verifyPassword(stored, 'wrong'));
    return (await cpuMs(() => verifyPassword(null, 'wrong'))) / known;
  }

  test('does not tell whether there is an account', async () => {
    const passwords = new PasswordHasher(limits);
    const share = await shareWithoutAccount((stored, password) => passwords.verify(stored, password));
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(1.4);
  });

  test('negative control: a hasher that answers at once where there is no account is caught by the same check', async () => {
    const hasty: Verify = async (stored, password) => stored !== null && (await verify(stored, password));
    expect(await shareWithoutAccount(hasty)).toBeLessThan(0.5);
  });
});

async function cpuMs(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < 10; round += 1) await call();
  return process.cpuUsage(before).user / 1_000;
}
