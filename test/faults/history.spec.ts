import { startTestPlatform } from '@gatehouse/local-platform';
import type { RunningTestPlatform } from '@gatehouse/local-platform';
import type { Service } from '@gatehouse/contracts';
import { createSuite, eventually, violationsOf } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { ServiceProcess } from '../platform/service-process.ts';
import {
  auditedEvents,
  committedChanges,
  committedEvents,
  gapsOfLogs,
  queuedMails,
  surplusCopies,
  unrecordedMails,
  unsentEvents,
  unverifiedConfirmations,
} from './event-history.ts';
import { seededRandom, Traffic } from './traffic.ts';

const SEED = 20_261_123;

/** Where each service is killed, in this order. */
const KILL_POINTS: Readonly<Record<Service, readonly string[]>> = {
  token: ['before-commit', 'after-commit-before-publish', 'after-publish-before-mark', 'after-effect-before-offset'],
  authorization: ['before-commit', 'after-commit-before-publish', 'after-publish-before-mark'],
  'email-verification': [
    'before-commit',
    'after-commit-before-publish',
    'after-publish-before-mark',
    'after-effect-before-offset',
    'after-smtp-data-before-record',
  ],
  'audit-log': [
    'before-commit',
    'after-commit-before-publish',
    'after-publish-before-mark',
    'after-effect-before-offset',
  ],
};
/** A backlog that a minute without Kafka reaches; one mail at a time, so that a kill interrupts at most one. */
const SETTINGS = { OUTBOX_MAX_ROWS: '400', LOG_LEVEL: 'info', MAIL_TIMEOUT_MS: '5000', MAIL_CONCURRENCY: '1' };

let platform: RunningTestPlatform;
let suite: Suite;
let traffic: Traffic;
const running = new Map<Service, ServiceProcess>();
/** Kills of the sender between DATA and the record of it: what it was killed at does not tell, since it sends all the while. */
let interruptedMails = 0;
let mailsSeen = 0;

beforeAll(async () => {
  platform = await startTestPlatform();
  suite = await createSuite('history', { platform });
  await suite.migrate();
  await Promise.all((Object.keys(KILL_POINTS) as Service[]).map((service) => start(service)));
  traffic = new Traffic(suite, SEED);
  await traffic.start(6);
}, 180_000);

afterAll(async () => {
  await traffic?.stop();
  const services = [...running.values()];
  running.clear();
  await Promise.all(services.map((service) => service.stop()));
  await suite?.dispose();
  await platform?.stop();
}, 120_000);

async function start(service: Service): Promise<void> {
  const process = ServiceProcess.start(suite, service, SETTINGS);
  running.set(service, process);
  void process.exited.then((how) => restart(service, process, how));
  await process.ready();
}

/** What an orchestrator does with a service that ends itself, as one may that Kafka keeps out for long. */
function restart(service: Service, ended: ServiceProcess, how: number | string): void {
  if (running.get(service) !== ended) return;
  console.warn(`${service} ended by itself (${how}):\n${ended.output.slice(-2_000)}`);
  void start(service).catch((error: unknown) => console.warn(error));
}

/** Ends a service as a power cut would, then lets it die at each of its kill points, then starts it for good. */
async function killAtEachPoint(service: Service, random: (below: number) => number): Promise<void> {
  const killed = running.get(service);
  running.delete(service);
  await killed?.kill();
  if (service === 'email-verification') await countInterruptedMail();
  for (const point of KILL_POINTS[service]) {
    const armed = { GATEHOUSE_KILL_POINT: point, GATEHOUSE_KILL_AFTER: String(1 + random(4)) };
    const process = ServiceProcess.start(suite, service, { ...SETTINGS, ...armed });
    running.set(service, process);
    try {
      await eventually(() => !process.running, { within: '150s' });
      expect(await process.exited).toBe('SIGKILL');
    } catch (error) {
      throw new Error(`${service} did not die at ${point}:\n${process.output.slice(-3_000)}`, { cause: error });
    }
    if (service === 'email-verification') await countInterruptedMail();
  }
  await start(service);
}

/** Called when the sender is dead: whether the mail server has a mail of it that it could not record. */
async function countInterruptedMail(): Promise<void> {
  await eventually(() => !suite.smtp.busy, { within: '30s' });
  if ((await unrecordedMails(suite, mailsSeen)).length > 0) interruptedMails += 1;
  mailsSeen = suite.smtp.mails.length;
}

test('each service survives a kill at each point, and Kafka a kill of its broker, while callers go on', async () => {
  const random = seededRandom(SEED + 1);
  const services = Object.keys(KILL_POINTS) as Service[];
  const broker = async () => {
    await eventually(() => traffic.acknowledged.size > 60, { within: '300s' });
    await platform.broker.kill();
    await platform.broker.start();
  };
  await Promise.all([...services.map((service) => killAtEachPoint(service, random)), broker()]);
}, 600_000);

test('a minute without Kafka: changes go on until the backlog reaches its limit, then are refused with Retry-After, then go on', async () => {
  const [acknowledged, refused] = [traffic.acknowledged.size, traffic.refusedForBacklog.length];
  await platform.broker.kill();
  try {
    const minute = performance.now() + 60_000;
    await eventually(() => traffic.acknowledged.size > acknowledged + 50, { within: '60s' });
    await eventually(() => traffic.refusedForBacklog.length > refused, { within: '180s' });
    expect(traffic.refusedForBacklog.every((seconds) => Number(seconds) > 0)).toBe(true);
    await eventually(async () => expect(await readiness('authorization')).toMatch(/^503 .*"outbox"/), {
      within: '180s',
    });
    await eventually(() => performance.now() > minute, { within: '61s' });
  } finally {
    await platform.broker.start();
  }
  const later = traffic.acknowledged.size;
  await eventually(() => traffic.acknowledged.size > later + 50, { within: '120s' });
}, 600_000);

async function readiness(service: Service): Promise<string> {
  const answer = await fetch(`${suite.adminUrl(service)}/health/ready`);
  return `${answer.status} ${await answer.text()}`;
}

test('every acknowledged change is committed, every committed event has exactly one audit entry, in order per key', async () => {
  await traffic.stop();
  // Each mail that is still to be sent makes an event, and one at a time they take as long as they take.
  await eventually(async () => expect(await queuedMails(suite)).toBe(0), { within: '600s' });
  await eventually(async () => expect(await unsentEvents(suite)).toBe(0), { within: '180s' });
  // The services go on by themselves (sweeps): effects are read before what was committed, so that only a lost event
  // can be a matter of time; what was doubled, inverted or never committed stays so however often it is read.
  await eventually(
    async () => {
      const effects = await auditedEvents(suite);
      const [events, committed] = [await committedEvents(suite), await committedChanges(suite)];
      expect(violationsOf({ acknowledged: traffic.acknowledged, committed, events, effects })).toEqual([]);
    },
    { within: '180s' },
  );
  expect(await gapsOfLogs(suite)).toEqual([]);
  expect(traffic.acknowledged.size).toBeGreaterThan(300);
}, 1_000_000);

test('every confirmed address is verified, and every answer was one that a caller may expect', async () => {
  await eventually(async () => expect(await unverifiedConfirmations(suite)).toEqual([]), { within: '30s' });
  expect(traffic.surprises).toEqual([]);
}, 60_000);

test('mail is sent at least once with one Message-ID and one code, and again at most once for each kill between DATA and its record', async () => {
  const registered = [...traffic.acknowledged].flatMap((word) => (word.startsWith('account:') ? [word.slice(8)] : []));
  const unmailed = () => registered.filter((address) => suite.smtp.mailsTo(address).length === 0);
  await eventually(() => expect(unmailed()).toEqual([]), { within: '120s' });
  await eventually(async () => expect(await unrecordedMails(suite, 0)).toEqual([]), { within: '120s' });
  // At least the kill that is armed there: a bound of nothing would say nothing.
  expect(interruptedMails).toBeGreaterThan(0);
  expect(surplusCopies(suite.smtp.mails)).toBeLessThanOrEqual(interruptedMails);
  for (const copies of Map.groupBy(suite.smtp.mails, (mail) => mail.messageId).values())
    expect(new Set(copies.map(({ text }) => text)).size).toBe(1);
}, 300_000);
