import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { quietIdleConnections } from './kafkajs-idle.ts';
import { Bench } from './messaging.spec-support.ts';

const { prototype } = RequestQueue;

describe('an idle Kafka connection', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open('kafkajs-idle');
  });
  afterAll(() => bench.close());

  /** How often one connected, idle client looks for throttled requests in a second. */
  const looksPerSecond = async () => {
    const admin = bench.connection().client.admin();
    await admin.connect();
    await admin.describeCluster();
    const look = prototype.checkPendingRequests;
    let looks = 0;
    prototype.checkPendingRequests = function (this: RequestQueue) {
      looks += 1;
      return look.call(this);
    };
    await bench.database.query('SELECT pg_sleep(1)');
    prototype.checkPendingRequests = look;
    await admin.disconnect();
    return looks;
  };

  test('does not look for throttled requests', async () => {
    expect(await looksPerSecond()).toBeLessThan(20);
  });

  test('of kafkajs as it is looks for them all the time', async () => {
    quietIdleConnections({ quiet: false });
    const looks = await looksPerSecond();
    quietIdleConnections();
    expect(looks).toBeGreaterThan(100);
  });
});
