import { MailServer } from './mail-server.ts';
import { DeliveryFailed, Mailer } from './mailer.ts';

/** The network's edge: a server that greets or does not, and counts how often it was asked. */
class FakeMailer extends Mailer {
  readonly deadlineMs = 1_000;
  up = true;
  greetings = 0;

  send(): Promise<void> {
    return Promise.resolve();
  }
  greet(): Promise<void> {
    this.greetings += 1;
    const failure = { command: 'CONN', reply: undefined };
    return this.up ? Promise.resolve() : Promise.reject(new DeliveryFailed(failure, 'ESOCKET'));
  }
  close(): void {
    this.up = false;
  }
}

let nowMs: number;
let mailer: FakeMailer;
let server: MailServer;
beforeEach(() => {
  nowMs = 0;
  mailer = new FakeMailer();
  server = new MailServer(mailer, () => nowMs);
});

test('a server that was never in trouble is not asked', async () => {
  expect(await server.available()).toBe(true);
  expect(mailer.greetings).toBe(0);
});

test('a server that is away is asked again only after a pause, which grows to half a minute at most', async () => {
  mailer.up = false;
  expect(await server.ask()).toBe(false);
  const pausesMs = [];
  for (let asked = 2; asked < 12; asked += 1) {
    const before = nowMs;
    while (mailer.greetings < asked) {
      nowMs += 50;
      expect(await server.available()).toBe(false);
    }
    pausesMs.push(nowMs - before);
  }
  expect(pausesMs[0]).toBeLessThanOrEqual(500);
  expect(Math.max(...pausesMs)).toBeLessThanOrEqual(30_000);
  expect(pausesMs.at(-1)).toBeGreaterThanOrEqual(15_000);
});

test('a server that came back is trusted at once', async () => {
  mailer.up = false;
  await server.ask();
  mailer.up = true;
  nowMs += 500;
  expect([await server.available(), await server.available()]).toEqual([true, true]);
  expect(mailer.greetings).toBe(2);
});

test('callers that ask at the same time share one greeting', async () => {
  expect(await Promise.all([server.ask(), server.ask(), server.ask()])).toEqual([true, true, true]);
  expect(mailer.greetings).toBe(1);
});
