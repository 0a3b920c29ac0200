import { createServer } from 'node:net';
import { checkPorts, freePorts, isFree } from './ports.ts';

test('every taken port is named with what wanted it and the setting that moves it, and free ones are not', async () => {
  const [first = 0, second = 0, free = 0] = await freePorts(3);
  const servers = [createServer().listen(first, '127.0.0.1'), createServer().listen(second, '127.0.0.1')];
  try {
    await new Promise((resolve) => setImmediate(resolve));
    const planned = [
      { part: 'Kafka', port: first, setting: 'LOCAL_KAFKA_PORT' },
      { part: 'token', port: free, setting: 'TOKEN_PORT' },
      { part: 'mail page', port: second, setting: 'LOCAL_MAIL_PAGE_PORT' },
    ];
    const failure = await checkPorts(planned).catch((error: Error) => error.message);
    expect(failure).toContain(`port ${first} (Kafka) is taken`);
    expect(failure).toContain('LOCAL_KAFKA_PORT');
    expect(failure).toContain('LOCAL_MAIL_PAGE_PORT');
    expect(failure).not.toContain('TOKEN_PORT');
  } finally {
    servers.forEach((server) => server.close());
  }
});

test('free ports are free, different, and outside the range of outgoing connections', async () => {
  const ports = await freePorts(10);
  expect(new Set(ports).size).toBe(10);
  for (const port of ports) {
    expect(port).toBeLessThan(32_768);
    expect(await isFree(port)).toBe(true);
  }
});
