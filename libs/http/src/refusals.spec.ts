import { OAuthError } from '@gatehouse/problem';
import { Controller, Injectable } from '@nestjs/common';
import { Endpoint, RefusalLog } from './index.ts';
import type { RefusedRequests } from './index.ts';
import { RefusalCounter } from './refusal-counter.ts';
import { endpoint, startTestService } from './test-service.spec-support.ts';

@Injectable()
class Recorder extends RefusalLog {
  readonly records: RefusedRequests[] = [];
  available = true;

  denied(): Promise<void> {
    return Promise.resolve();
  }

  refused(requests: RefusedRequests): Promise<void> {
    if (!this.available) return Promise.reject(new Error('the backlog is full'));
    this.records.push(requests);
    return Promise.resolve();
  }
}

const MINUTE = new Date('2026-01-01T00:00:00Z');
const counterOf = (recorder: Recorder, sourcesMax = 3) =>
  new RefusalCounter(recorder, { sourcesMax, now: () => MINUTE.getTime() });

test('refusals are one record per source, with the counts of each code', async () => {
  const recorder = new Recorder();
  const counter = counterOf(recorder);
  for (const code of ['not-found', 'not-found', 'unauthenticated']) counter.count('192.0.2.7', code);
  counter.count('192.0.2.8', 'invalid-input');
  await counter.flush();
  expect(recorder.records).toEqual([
    { source: '192.0.2.7', windowStart: MINUTE, counts: { 'not-found': 2, unauthenticated: 1 } },
    { source: '192.0.2.8', windowStart: MINUTE, counts: { 'invalid-input': 1 } },
  ]);
  await counter.close();
  expect(recorder.records).toHaveLength(2);
});

test('however many sources there are, memory and records are bounded, and no refusal is uncounted', async () => {
  const attack = async (sourcesMax: number) => {
    const recorder = new Recorder();
    const counter = counterOf(recorder, sourcesMax);
    for (let i = 0; i < 1_000; i += 1) counter.count(`10.0.${i >> 8}.${i & 255}`, 'not-found');
    await counter.close();
    return recorder.records;
  };
  const records = await attack(3);
  expect(records.map(({ source }) => source)).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2', 'other']);
  expect(records.reduce((sum, { counts }) => sum + (counts['not-found'] ?? 0), 0)).toBe(1_000);
  // The control: without the bound the same attack writes a record for each source.
  expect(await attack(Number.POSITIVE_INFINITY)).toHaveLength(1_000);
});

test('one IPv6 network is one source, and a mapped IPv4 address is that address', async () => {
  const recorder = new Recorder();
  const counter = counterOf(recorder);
  for (const ip of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1', '::ffff:192.0.2.7'])
    counter.count(ip, 'not-found');
  await counter.close();
  expect(recorder.records.map(({ source }) => source)).toEqual(['2001:db8:1:2::/64', '2001:db8:1:3::/64', '192.0.2.7']);
});

test('counts that could not be recorded are kept for the next time, within the same bound', async () => {
  const recorder = new Recorder();
  const counter = counterOf(recorder);
  counter.count('192.0.2.7', 'not-found');
  recorder.available = false;
  await counter.flush();
  for (const last of [7, 8, 9, 10, 11]) counter.count(`192.0.2.${last}`, 'not-found');
  await counter.flush();
  recorder.available = true;
  await counter.close();
  expect(recorder.records.map(({ source, counts }) => [source, counts['not-found']])).toEqual([
    ['192.0.2.7', 2],
    ['192.0.2.8', 1],
    ['192.0.2.9', 1],
    ['other', 2],
  ]);
});

const conflict = endpoint({ path: '/thing' });

@Controller()
class ThingController {
  @Endpoint(conflict)
  handle() {}
}

test('a service hands its counts on before it ends, and counts nothing that succeeded', async () => {
  const recorder = new Recorder();
  const service = await startTestService({
    controllers: [ThingController],
    endpoints: [conflict],
    providers: [{ provide: RefusalLog, useValue: recorder }],
  });
  for (const path of ['/thing', '/nowhere', '/nowhere', '/thing?unknown=1']) await service.send({ path });
  expect(recorder.records).toEqual([]);
  await service.close();
  expect(recorder.records).toMatchObject([{ source: '127.0.0.1', counts: { 'not-found': 2, 'invalid-input': 1 } }]);
});

const anonymous = endpoint({ method: 'POST', path: '/oauth/anonymous', access: 'client', errorFormat: 'oauth' });
const wrong = endpoint({ method: 'POST', path: '/oauth/wrong', access: 'client', errorFormat: 'oauth' });

@Controller()
class ClientController {
  @Endpoint(anonymous)
  anonymous() {
    throw new OAuthError('invalid_client');
  }

  @Endpoint(wrong)
  wrong() {
    throw new OAuthError('invalid_client', undefined, { recorded: true });
  }
}

test('a client that is refused without a record of its own is counted, and one with it is not counted again', async () => {
  const recorder = new Recorder();
  const service = await startTestService({
    controllers: [ClientController],
    endpoints: [anonymous, wrong],
    providers: [{ provide: RefusalLog, useValue: recorder }],
  });
  for (const path of ['/oauth/anonymous', '/oauth/anonymous', '/oauth/wrong']) {
    expect((await service.send({ method: 'POST', path })).status).toBe(401);
  }
  await service.close();
  expect(recorder.records).toMatchObject([{ source: '127.0.0.1', counts: { invalid_client: 2 } }]);
});
