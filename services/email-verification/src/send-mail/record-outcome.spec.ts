import { eventually, FaultProxy, testPlatform } from '@gatehouse/testing';
import { startEmailVerification, type ServiceUnderTest } from '../email-verification.spec-support.ts';

let service: ServiceUnderTest;
let postgres: FaultProxy;

beforeAll(async () => {
  postgres = await FaultProxy.start({ port: Number(new URL(testPlatform().postgres.adminUrl).port) });
  service = await startEmailVerification('record-outcome', (suite) => ({
    EMAIL_VERIFICATION_DATABASE_URL: suite
      .databaseUrl('email-verification')
      .replace(/@[^/]+\//, `@127.0.0.1:${postgres.port}/`),
    MAIL_TIMEOUT_MS: '5000',
  }));
});
afterAll(async () => {
  await service.close();
  await postgres.stop();
});

test('a mail that was taken while the database is away is recorded when it is back, and not sent again', async () => {
  const { smtp } = service.suite;
  // The answer to the final dot is held back until the database is gone.
  smtp.misbehave({ afterData: 'hold' });
  const { flow_id, account_id, email } = await service.request();
  await service.mailTo(email);
  postgres.cut();
  smtp.behave();
  await eventually(async () => expect(await databaseHealth()).toBe(503), { within: '10s' });
  postgres.restore();
  await eventually(
    async () => {
      const messages = await service.database.query('SELECT state, attempts FROM message WHERE flow_id = $1', [
        flow_id,
      ]);
      expect(messages).toEqual([{ state: 'sent', attempts: 1 }]);
    },
    { within: '20s' },
  );
  expect(smtp.mailsTo(email)).toHaveLength(1);
  expect((await service.eventsOf(account_id)).map(({ type }) => type)).toEqual(['mail.queued', 'mail.sent']);
});

async function databaseHealth(): Promise<number> {
  return (await fetch(`${service.service.adminUrl}/health/components/database`)).status;
}
