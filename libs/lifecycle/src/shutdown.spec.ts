import { Health, Shutdown, shutdownStages, type ShutdownStage } from './index.ts';

/** Never settles: a step that hangs. */
const hang = () => new Promise<void>(() => undefined);

test('stages run one after the other in the declared order, whatever the order of registration', async () => {
  const shutdown = new Shutdown();
  const log: string[] = [];
  for (const stage of [...shutdownStages].reverse()) {
    shutdown.on(stage, stage, async () => {
      log.push(`${stage} begins`);
      await Promise.resolve();
      log.push(`${stage} ends`);
    });
  }
  await shutdown.run(1_000);
  expect(log).toEqual(shutdownStages.flatMap((stage) => [`${stage} begins`, `${stage} ends`]));
});

test('readiness says that the service shuts down before the first stage begins', async () => {
  const shutdown = new Shutdown();
  const health = new Health();
  health.add(shutdown);
  expect(health.readiness().ready).toBe(true);
  let readyDuringHttp: boolean | undefined;
  shutdown.on('http', 'server', () => {
    readyDuringHttp = health.readiness().ready;
    return Promise.resolve();
  });
  await shutdown.run(1_000);
  expect(readyDuringHttp).toBe(false);
  expect(health.readiness().failing).toEqual([{ part: 'lifecycle', reason: 'shutting down' }]);
});

test('a stage that hangs costs at most half of what is left, so every later stage still runs inside the budget', async () => {
  const failed: [ShutdownStage, string][] = [];
  const shutdown = new Shutdown({ stepFailed: (stage, name) => failed.push([stage, name]) });
  const ran: string[] = [];
  shutdown.on('http', 'server', hang);
  shutdown.on('relay', 'relay', hang);
  shutdown.on('pools', 'database', () => Promise.resolve(void ran.push('database')));
  const startedAt = performance.now();
  await shutdown.run(200);
  // The control: without its bound a stage that hangs would never let go.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(failed).toEqual([
    ['http', 'server'],
    ['relay', 'relay'],
  ]);
  expect(ran).toEqual(['database']);
});

test('a step that fails is reported and does not keep the others from running', async () => {
  const failures: unknown[] = [];
  const shutdown = new Shutdown({ stepFailed: (_stage, _name, error) => failures.push(error) });
  const ran: string[] = [];
  shutdown.on('consumers', 'group', () => Promise.reject(new Error('not connected')));
  shutdown.on('consumers', 'follower', () => Promise.resolve(void ran.push('follower')));
  shutdown.on('pools', 'database', () => Promise.resolve(void ran.push('database')));
  await shutdown.run(1_000);
  expect(failures).toEqual([new Error('not connected')]);
  expect(ran).toEqual(['follower', 'database']);
});

test('however often it is asked for, a shutdown runs once', async () => {
  const shutdown = new Shutdown();
  let runs = 0;
  shutdown.on('pools', 'database', () => Promise.resolve(void (runs += 1)));
  await Promise.all([shutdown.run(1_000), shutdown.run(1_000)]);
  await shutdown.run(1_000);
  expect(runs).toBe(1);
});

test('a fatal failure is named by readiness at once, and the first one wins', () => {
  const reasons: string[] = [];
  const shutdown = new Shutdown({ fatal: (reason) => reasons.push(reason) });
  shutdown.fatal('consumer crashed', new Error('offset out of range'));
  shutdown.fatal('relay stopped', new Error('sequence went backwards'));
  expect(shutdown.ready()).toBe('consumer crashed');
  expect(shutdown.stopping).toBe(true);
  expect(reasons).toEqual(['consumer crashed']);
});
