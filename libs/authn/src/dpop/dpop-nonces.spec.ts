import { Secret } from '@gatehouse/config';
import { DpopNonces } from '../index.ts';

const key = new Secret('a key of every instance');
let nowMs = 1_800_000_000_000;
const nonces = new DpopNonces(key, () => nowMs);
beforeEach(() => {
  nowMs = 1_800_000_000_000;
});

test('a nonce is accepted for at least one minute and for at most two', () => {
  for (const offset of [0, 1, 30_000, 59_999]) {
    nowMs = 1_800_000_000_000 + offset;
    const nonce = nonces.current();
    nowMs += 60_000;
    expect(nonces.accepts(nonce)).toBe(true);
    nowMs += 60_000;
    expect(nonces.accepts(nonce)).toBe(false);
  }
});

test('a nonce of one instance is accepted by every other with the key, also by one whose clock is late', () => {
  const other = new DpopNonces(key, () => nowMs - 9_000);
  expect(other.accepts(nonces.current())).toBe(true);
  const late = new DpopNonces(key, () => nowMs - 61_000);
  expect(late.accepts(nonces.current())).toBe(false);
});

test('without the key none can be made', () => {
  const stranger = new DpopNonces(new Secret('another key'), () => nowMs);
  expect(nonces.accepts(stranger.current())).toBe(false);
  for (const guess of ['', 'x', nonces.current().slice(1), `${nonces.current()}=`])
    expect(nonces.accepts(guess)).toBe(false);
});

test('a nonce is the same for all who ask within a minute, and another one in the next', () => {
  const nonce = nonces.current();
  nowMs += 59_999;
  expect(nonces.current()).toBe(nonce);
  nowMs += 1;
  expect(nonces.current()).not.toBe(nonce);
});
